#include "sources/mysql/binlog/json_document.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/json_text.h"

namespace starlift::mysql {
namespace {

Error Damaged(std::string_view what) {
  return Error{.kind = ErrorKind::kData,
               .message = fmt::format("a JSON value's differences are damaged: {}", what)};
}

// A document that can be changed. Scalars are kept as the text that they print.
struct Node {
  enum class Kind { kScalar, kArray, kObject };

  Kind kind = Kind::kScalar;
  std::string text;
  std::vector<std::string> keys;  // kObject, in the server's order
  std::vector<Node> children;
};

// Bounds what crafted offsets can make of few bytes.
constexpr size_t kMostNodes = 1 << 22;

Status Read(const json::Value& value, int depth, size_t& nodes, Node& node) {
  if (++nodes > kMostNodes || depth > json::kMostDepth) return Damaged("too many values");
  if (!json::IsContainer(value)) return json::AppendScalar(value, node.text);
  SL_ASSIGN(const json::Container container, json::Container::Read(value));
  node.kind = container.is_object() ? Node::Kind::kObject : Node::Kind::kArray;
  for (uint32_t i = 0; i < container.size(); ++i) {
    if (container.is_object()) {
      SL_ASSIGN(const std::string_view key, container.Key(i));
      node.keys.emplace_back(key);
    }
    SL_ASSIGN(const json::Value element, container.At(i));
    SL_TRY(Read(element, depth + 1, nodes, node.children.emplace_back()));
  }
  return {};
}

Result<Node> ReadNode(std::string_view binary) {
  SL_ASSIGN(const json::Value value, json::ReadDocument(binary));
  Node node;
  size_t nodes = 0;
  SL_TRY(Read(value, 0, nodes, node));
  return node;
}

void Print(const Node& node, std::string& text) {
  if (node.kind == Node::Kind::kScalar) {
    text.append(node.text);
    return;
  }
  const bool object = node.kind == Node::Kind::kObject;
  text.push_back(object ? '{' : '[');
  for (size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) text.append(", ");
    if (object) {
      json::AppendQuoted(node.keys[i], text);
      text.append(": ");
    }
    Print(node.children[i], text);
  }
  text.push_back(object ? '}' : ']');
}

// One step of a path: a key, or a number in an array.
struct Leg {
  bool is_key = false;
  std::string key;
  size_t index = 0;
};

void AppendUtf8(uint32_t code, std::string& text) {
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0 | code >> 6));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    text.push_back(static_cast<char>(0xE0 | code >> 12));
    text.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// A quoted key, escaped as JSON text is. `path` goes on behind the closing quote.
std::optional<std::string> TakeQuoted(std::string_view& path) {
  std::string key;
  path.remove_prefix(1);
  while (!path.empty()) {
    const char c = path.front();
    path.remove_prefix(1);
    if (c == '"') return key;
    if (c != '\\') {
      key.push_back(c);
      continue;
    }
    if (path.empty()) return std::nullopt;
    const char escaped = path.front();
    path.remove_prefix(1);
    constexpr std::string_view kEscapes = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    if (const size_t at = kEscapes.find(escaped); at != std::string_view::npos) {
      key.push_back(kMeant[at]);
    } else if (escaped == 'u') {
      uint32_t code = 0;
      if (path.size() < 4 ||
          std::from_chars(path.data(), path.data() + 4, code, 16).ptr != path.data() + 4)
        return std::nullopt;
      AppendUtf8(code, key);
      path.remove_prefix(4);
    } else {
      key.push_back(escaped);
    }
  }
  return std::nullopt;
}

// `$.a."b c"[3]`: the form that the server itself writes, without wildcards.
Result<std::vector<Leg>> ReadPath(std::string_view path) {
  const Error wrong = Damaged(fmt::format("the path {}", path));
  if (path.empty() || path.front() != '$') return wrong;
  path.remove_prefix(1);
  std::vector<Leg> legs;
  while (!path.empty()) {
    const char begin = path.front();
    path.remove_prefix(1);
    Leg leg;
    if (begin == '[') {
      const auto [stop, code] = std::from_chars(path.data(), path.data() + path.size(), leg.index);
      if (code != std::errc() || stop == path.data() + path.size() || *stop != ']') return wrong;
      path.remove_prefix(static_cast<size_t>(stop - path.data()) + 1);
    } else if (begin == '.' && !path.empty()) {
      leg.is_key = true;
      if (path.front() == '"') {
        auto key = TakeQuoted(path);
        if (!key) return wrong;
        leg.key = *std::move(key);
      } else {
        const size_t end = std::min(path.find_first_of(".["), path.size());
        leg.key = path.substr(0, end);
        path.remove_prefix(end);
      }
    } else {
      return wrong;
    }
    legs.push_back(std::move(leg));
  }
  return legs;
}

// A scalar counts as an array of itself, as in all of MySQL's paths.
Node* Step(Node& node, const Leg& leg) {
  if (leg.is_key) {
    if (node.kind != Node::Kind::kObject) return nullptr;
    const auto at = std::find(node.keys.begin(), node.keys.end(), leg.key);
    return at == node.keys.end() ? nullptr : &node.children[at - node.keys.begin()];
  }
  if (node.kind != Node::Kind::kArray) return leg.index == 0 ? &node : nullptr;
  return leg.index < node.children.size() ? &node.children[leg.index] : nullptr;
}

// Keys are ordered by length, then by bytes.
void InsertKey(Node& object, const std::string& key, Node value) {
  const auto before = [](const std::string& left, const std::string& right) {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  };
  const auto at = std::lower_bound(object.keys.begin(), object.keys.end(), key, before);
  const auto place = at - object.keys.begin();
  if (at != object.keys.end() && *at == key) {
    object.children[place] = std::move(value);
    return;
  }
  object.keys.insert(at, key);
  object.children.insert(object.children.begin() + place, std::move(value));
}

enum Operation : uint8_t { kReplace = 0, kInsert = 1, kRemove = 2 };

Status Apply(uint8_t operation, const std::vector<Leg>& path, Node value, Node& document) {
  if (path.empty()) {
    if (operation != kReplace) return Damaged("the whole value is neither inserted nor removed");
    document = std::move(value);
    return {};
  }
  Node* parent = &document;
  for (size_t i = 0; i + 1 < path.size() && parent != nullptr; ++i) parent = Step(*parent, path[i]);
  if (parent == nullptr) return Damaged("a path leads nowhere");
  const Leg& last = path.back();
  if (operation == kInsert) {
    if (last.is_key) {
      if (parent->kind != Node::Kind::kObject) return Damaged("a key of what is no object");
      InsertKey(*parent, last.key, std::move(value));
      return {};
    }
    if (parent->kind != Node::Kind::kArray) return Damaged("a place in what is no array");
    const size_t place = std::min(last.index, parent->children.size());
    parent->children.insert(parent->children.begin() + static_cast<std::ptrdiff_t>(place),
                            std::move(value));
    return {};
  }
  Node* const target = Step(*parent, last);
  if (target == nullptr) return Damaged("a path leads nowhere");
  if (operation == kReplace) {
    *target = std::move(value);
    return {};
  }
  if (target == parent) return Damaged("a scalar is removed from itself");
  const auto place = target - parent->children.data();
  parent->children.erase(parent->children.begin() + place);
  if (parent->kind == Node::Kind::kObject) parent->keys.erase(parent->keys.begin() + place);
  return {};
}

}  // namespace

Status ApplyJsonDifferences(std::string_view document, std::string_view differences,
                            std::string& text) {
  SL_ASSIGN(Node root, ReadNode(document));
  ByteReader reader(differences);
  while (reader.ok() && reader.remaining() > 0) {
    const uint8_t operation = reader.U8();
    const std::string_view path_text = reader.PackedString();
    if (!reader.ok() || operation > kRemove) return Damaged("an unknown operation");
    SL_ASSIGN(const std::vector<Leg> path, ReadPath(path_text));
    Node value;
    if (operation != kRemove) {
      const std::string_view binary = reader.PackedString();
      if (!reader.ok()) return Damaged("a value is cut off");
      SL_ASSIGN(value, ReadNode(binary));
    }
    SL_TRY(Apply(operation, path, std::move(value), root));
  }
  Print(root, text);
  return {};
}

}  // namespace starlift::mysql
