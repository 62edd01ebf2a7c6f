// External catalogs and resources: checked as far as that needs nobody outside, kept, shown and
// dropped. Nothing here connects to what they name.
#include <algorithm>
#include <array>

#include "sandbox/ddl/external_tables.h"
#include "sandbox/frontend/statements.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::frontend {
namespace {

using catalog::ExternalDef;
using catalog::ExternalPtr;
using sql::StatementResult;
using sql::TokenReader;
using Kind = ExternalDef::Kind;
using PropertyMap = std::map<std::string, std::string>;

constexpr uint32_t kCatalogText = 768;
constexpr uint32_t kResourceText = 90;
constexpr std::string_view kDefaultCatalog = "default_catalog";

catalog::Catalog& CatalogOf(const Session& session) {
  return *session.server().environment.ddl->catalog;
}

Error Refused(std::string text) { return sql::SqlError(sql::code::kGeneric, std::move(text)); }

// Resources are named in quotes or as any object.
Result<std::string> NameOrText(TokenReader* reader) {
  return reader->Peek().kind == sql::TokenKind::kString ? reader->Text() : reader->Name();
}

std::string ValueOf(const PropertyMap& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

// The real one fetches the driver to compute its checksum; here its address is looked at.
std::string DriverProblem(const std::string& url) {
  static constexpr auto kSchemes =
      std::to_array<std::string_view>({"http://", "https://", "file://", "s3://", "oss://"});
  const bool known = std::any_of(kSchemes.begin(), kSchemes.end(), [&](std::string_view scheme) {
    return std::string_view(url).starts_with(scheme);
  });
  return known ? "" : "Cannot get driver from url: " + url;
}

// What is wrong with what a connection needs; empty if nothing is.
std::string ConnectionProblem(const std::string& type, const PropertyMap& properties) {
  if (type == "jdbc") {
    for (const char* key : {"driver_class", "jdbc_uri", "user", "password", "driver_url"}) {
      if (properties.count(key) == 0) return "Missing " + std::string(key) + " in properties";
    }
    return DriverProblem(ValueOf(properties, "driver_url"));
  }
  const bool metastore = type == "hive" || type == "hudi";
  if (!metastore || !ValueOf(properties, "hive.metastore.type").empty()) return "";
  const std::string uris = ValueOf(properties, "hive.metastore.uris");
  if (uris.empty()) return "hive.metastore.uris must be set in properties";
  return uris.starts_with("thrift://") ? "" : "Invalid hive metastore uris: " + uris;
}

Status Keep(const Session& session, ExternalDef definition) {
  catalog::CatalogEdit edit;
  definition.id = CatalogOf(session).NextId();
  edit.put_externals.push_back(std::make_shared<const ExternalDef>(std::move(definition)));
  return CatalogOf(session).Apply(std::move(edit));
}

Status Forget(const Session& session, const ExternalPtr& external) {
  catalog::CatalogEdit edit;
  edit.remove_externals.push_back(external->id);
  return CatalogOf(session).Apply(std::move(edit));
}

Result<StatementResult> CreateCatalog(Session* session, TokenReader* reader) {
  SL_TRY(session->RequirePrivilege("CREATE EXTERNAL CATALOG", ddl::ObjectKind::kSystem, "", ""));
  ExternalDef definition;
  definition.kind = Kind::kCatalog;
  SL_ASSIGN(const bool if_not_exists, reader->IfNotExists());
  SL_ASSIGN(definition.name, NameOrText(reader));
  if (reader->Accept("COMMENT")) {
    SL_ASSIGN(definition.comment, reader->Text());
  }
  SL_TRY(reader->Expect("PROPERTIES"));
  SL_ASSIGN(const sql::Properties properties, reader->PropertyList());
  SL_TRY(reader->ExpectEnd());
  for (const auto& [key, value] : properties) definition.properties[key] = value;

  const std::string type = definition.type();
  static constexpr auto kTypes =
      std::to_array<std::string_view>({"hive", "iceberg", "hudi", "jdbc", "deltalake",
                                       "elasticsearch", "paimon", "odps", "kudu", "unified", "es"});
  if (type.empty()) return sql::AnalyzeError("'type' can not be null or empty");
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    return sql::AnalyzeError("[type : " + type + "] is not supported");
  }
  const auto lock = CatalogOf(*session).LockForChange();
  const bool taken = definition.name == kDefaultCatalog ||
                     CatalogOf(*session).FindExternal(Kind::kCatalog, definition.name) != nullptr;
  if (taken) {
    if (if_not_exists) return StatementResult::Ok();
    return Refused("Catalog '" + definition.name + "' already exists");
  }
  if (const std::string problem = ConnectionProblem(type, definition.properties);
      !problem.empty()) {
    return Refused("connector create failed {Failed to init connector [type: " + type +
                   ", name: " + definition.name + "]. msg: " + problem + "}");
  }
  SL_TRY(Keep(*session, std::move(definition)));
  return StatementResult::Ok();
}

Result<StatementResult> DropCatalog(Session* session, TokenReader* reader) {
  SL_ASSIGN(bool if_exists, reader->IfExists());
  SL_ASSIGN(const std::string name, NameOrText(reader));
  SL_TRY(reader->ExpectEnd());
  if (name == kDefaultCatalog) {
    return sql::AnalyzeError("Can't drop the default internal catalog");
  }
  const auto lock = CatalogOf(*session).LockForChange();
  const ExternalPtr found = CatalogOf(*session).FindExternal(Kind::kCatalog, name);
  if (found == nullptr) {
    if (if_exists) return StatementResult::Ok();
    return sql::SqlError(sql::code::kUnknownCatalog, "Unknown catalog '" + name + "'");
  }
  SL_TRY(session->RequirePrivilege("DROP", ddl::ObjectKind::kCatalog, name, ""));
  SL_TRY(Forget(*session, found));
  return StatementResult::Ok();
}

Result<StatementResult> ShowCatalogs(Session* session, TokenReader* reader) {
  StatementResult result = ShowResult({"Catalog", "Type", "Comment"}, kCatalogText);
  result.rows.push_back({std::string(kDefaultCatalog), "Internal",
                         "An internal catalog contains this cluster's self-managed tables."});
  for (const ExternalPtr& external : CatalogOf(*session).Externals(Kind::kCatalog)) {
    result.rows.push_back(
        {external->name, external->type(),
         external->comment.empty() ? std::nullopt : std::optional(external->comment)});
  }
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  SL_TRY(reader->ExpectEnd());
  ApplyShowFilter(filter, 0, &result);
  return result;
}

// Values of such properties are never shown.
bool IsSecret(std::string_view property) {
  return property.find("password") != std::string_view::npos ||
         property.find("secret") != std::string_view::npos ||
         property.find("access_key") != std::string_view::npos;
}

Result<StatementResult> ShowCreateCatalog(Session* session, TokenReader* reader) {
  SL_ASSIGN(const std::string name, NameOrText(reader));
  SL_TRY(reader->ExpectEnd());
  const ExternalPtr found = CatalogOf(*session).FindExternal(Kind::kCatalog, name);
  if (found == nullptr) {
    return sql::AnalyzeError(sql::code::kUnknownCatalog, "Unknown catalog '" + name + "'");
  }
  std::string text = "CREATE EXTERNAL CATALOG " + sql::QuoteName(name) + "\n";
  if (!found->comment.empty()) text += "comment " + sql::QuoteText(found->comment) + "\n";
  text += "PROPERTIES (";
  bool first = true;
  for (const auto& [key, value] : found->properties) {
    text += first ? "" : ",\n";
    text += sql::QuoteText(key) + "  =  " + sql::QuoteText(IsSecret(key) ? "******" : value);
    first = false;
  }
  StatementResult result = ShowResult({"Catalog", "Create Catalog"}, kCatalogText);
  result.rows.push_back({name, text + "\n)"});
  return result;
}

Result<StatementResult> CreateResource(Session* session, TokenReader* reader) {
  SL_TRY(session->RequireSystem("CREATE RESOURCE"));
  ExternalDef definition;
  definition.kind = Kind::kResource;
  SL_ASSIGN(definition.name, NameOrText(reader));
  SL_TRY(reader->Expect("PROPERTIES"));
  SL_ASSIGN(const sql::Properties properties, reader->PropertyList());
  SL_TRY(reader->ExpectEnd());
  for (const auto& [key, value] : properties) definition.properties[key] = value;

  const std::string type = definition.type();
  if (type.empty()) return sql::AnalyzeError("Resource type can't be null");
  const std::string lower = ddl::ToLower(type);
  if (lower != "hive" && lower != "jdbc" && lower != "hudi") {
    return sql::AnalyzeError(
        "Unrecognized resource type: " + type +
        ". Only [SPARK, HIVE, ICEBERG, HUDI, ODBC_CATALOG, JDBC] are supported.");
  }
  if (lower == "jdbc") {
    static constexpr auto kKnown = std::to_array<std::string_view>(
        {"type", "name", "driver_url", "driver_class", "jdbc_uri", "user", "password"});
    for (const auto& [key, value] : properties) {
      if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
        return Refused("Property " + key + " is unknown");
      }
    }
  }
  if (const std::string problem = ConnectionProblem(lower, definition.properties);
      !problem.empty()) {
    return Refused(problem);
  }
  const auto lock = CatalogOf(*session).LockForChange();
  if (CatalogOf(*session).FindExternal(Kind::kResource, definition.name) != nullptr) {
    return Refused("Resource(" + definition.name + ") already exist");
  }
  SL_TRY(Keep(*session, std::move(definition)));
  return StatementResult::Ok();
}

Result<StatementResult> DropResource(Session* session, TokenReader* reader) {
  SL_ASSIGN(const std::string name, NameOrText(reader));
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("CREATE RESOURCE"));
  const auto lock = CatalogOf(*session).LockForChange();
  const ExternalPtr found = CatalogOf(*session).FindExternal(Kind::kResource, name);
  if (found == nullptr) return Refused("Resource(" + name + ") does not exist");
  SL_TRY(Forget(*session, found));
  return StatementResult::Ok();
}

Result<StatementResult> ShowResources(Session* session, TokenReader* reader) {
  SL_TRY(reader->ExpectEnd());
  StatementResult result = ShowResult({"Name", "ResourceType", "Key", "Value"}, kResourceText);
  for (const ExternalPtr& external : CatalogOf(*session).Externals(Kind::kResource)) {
    for (const auto& [key, value] : external->properties) {
      result.rows.push_back(
          {external->name, ddl::ToLower(external->type()), key, IsSecret(key) ? "******" : value});
    }
  }
  return result;
}

}  // namespace

Status RequireInternalCatalog(const Session& session, const std::string& name) {
  if (name == kDefaultCatalog) return {};
  if (CatalogOf(session).FindExternal(Kind::kCatalog, name) != nullptr) {
    return ddl::CannotUseCatalog(CatalogOf(session), name);
  }
  return sql::SqlError(sql::code::kUnknownCatalog, "Unknown catalog '" + name + "'");
}

std::optional<Result<StatementResult>> ExecuteExternal(Session* session, TokenReader* reader) {
  if (reader->Accept({"CREATE", "EXTERNAL", "CATALOG"})) return CreateCatalog(session, reader);
  if (reader->Accept({"DROP", "CATALOG"})) return DropCatalog(session, reader);
  if (reader->Accept({"SHOW", "CATALOGS"})) return ShowCatalogs(session, reader);
  if (reader->Accept({"SHOW", "CREATE", "CATALOG"})) return ShowCreateCatalog(session, reader);
  // A resource group is something else.
  const bool group = reader->Peek(2).Is("GROUP");
  if (!group && (reader->Accept({"CREATE", "RESOURCE"}) ||
                 reader->Accept({"CREATE", "EXTERNAL", "RESOURCE"}))) {
    return CreateResource(session, reader);
  }
  if (!group && reader->Accept({"DROP", "RESOURCE"})) return DropResource(session, reader);
  if (reader->Accept({"SHOW", "RESOURCES"})) return ShowResources(session, reader);
  return std::nullopt;
}

}  // namespace starlift::sandbox::frontend
