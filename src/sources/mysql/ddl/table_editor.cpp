#include "sources/mysql/ddl/table_editor.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "sources/mysql/ddl/column_maker.h"
#include "sources/mysql/ddl/index_draft.h"
#include "sources/mysql/ddl/table_parser.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {
namespace {

constexpr uint32_t kMysql57 = 50700;

Error NoSuchColumn(std::string_view name) {
  return Error{ErrorKind::kPolicy, fmt::format("it names column `{}`, which isn't known", name)};
}

std::string EngineName(const ServerFacts& facts, const std::string& engine) {
  for (const std::string& known : facts.engines) {
    if (SameWord(known, engine)) return known;
  }
  return engine;
}

// The collation that the options say; nullopt if they say nothing.
Result<std::optional<std::string>> CollationOf(const DefinitionContext& context,
                                               const std::string& charset,
                                               const std::string& collation,
                                               const std::string& other) {
  if (charset.empty() && collation.empty()) return std::optional<std::string>();
  if (charset == "default" && collation.empty()) return std::optional<std::string>(other);
  if (collation.empty() && charset == "utf8mb4" && context.utf8mb4_collation != 0) {
    if (const Collation* found = context.facts.collations.FindId(context.utf8mb4_collation)) {
      return std::optional<std::string>(found->name);
    }
  }
  std::string of_charset = charset;
  if (of_charset.empty()) {
    const Collation* const found = context.facts.collations.FindName(other);
    if (found != nullptr) of_charset = found->charset;
  }
  const Collation* const found = FindCollation(context.facts, of_charset, collation);
  if (found == nullptr) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("charset \"{}\", collation \"{}\" isn't known", charset, collation)};
  }
  return std::optional<std::string>(found->name);
}

// A column while a table is made or changed.
struct Draft {
  Column column;
  // Its definition, where the statement gives one.
  const ColumnDefinition* definition = nullptr;
};

constexpr uint32_t kMariadbInlineForeignKeys = 100500;

// Indexes that a column's own attributes make.
void AddColumnIndexes(const ColumnDefinition& column, const ServerFacts& facts,
                      IndexDraft& indexes) {
  if (column.primary) indexes.Add({.name = "PRIMARY", .unique = true, .parts = {{column.name}}});
  if (column.unique) indexes.Add({.name = "", .unique = true, .parts = {{column.name}}});
  if (column.references && facts.version.is_mariadb && facts.version >= kMariadbInlineForeignKeys) {
    indexes.Add({.name = "", .foreign_key = true, .parts = {{column.name}}});
  }
}

class Definition {
 public:
  Definition(Table table, const DefinitionContext& context)
      : table_(std::move(table)), context_(context) {}

  ColumnMaker Maker() const {
    return {context_.facts, table_.default_collation, context_.explicit_timestamps};
  }

  Result<Column> Make(const ColumnDefinition& definition) const { return Maker().Make(definition); }

  Draft* Find(std::string_view name) {
    const auto found = std::find_if(drafts.begin(), drafts.end(), [&](const Draft& draft) {
      return SameWord(draft.column.name, name);
    });
    return found == drafts.end() ? nullptr : &*found;
  }

  Status Place(Draft draft, const ColumnPlace& place) {
    if (place.first) {
      drafts.insert(drafts.begin(), std::move(draft));
    } else if (place.after.empty()) {
      drafts.push_back(std::move(draft));
    } else {
      const Draft* const after = Find(place.after);
      if (after == nullptr) return NoSuchColumn(place.after);
      drafts.insert(drafts.begin() + (after - drafts.data()) + 1, std::move(draft));
    }
    return {};
  }

  // Names are made from the columns' own spelling.
  void AddIndex(IndexDefinition index) {
    for (IndexDefinition::Part& part : index.parts) {
      if (const Draft* const draft = Find(part.column)) part.column = draft->column.name;
    }
    indexes.Add(std::move(index));
  }

  Result<Table> Finish() {
    if (!context_.explicit_timestamps) PromoteFirstTimestamp();
    for (const std::string& name : indexes.PrimaryColumns()) {
      Draft* const draft = Find(name);
      if (draft == nullptr) return NoSuchColumn(name);
      PutIntoPrimaryKey(*draft);
    }
    table_.columns.clear();
    for (Draft& draft : drafts) table_.columns.push_back(std::move(draft.column));
    SL_TRY(indexes.Finish(table_));
    return std::move(table_);
  }

  std::vector<Draft> drafts;
  IndexDraft indexes;

 private:
  void PutIntoPrimaryKey(Draft& draft) {
    Column& column = draft.column;
    const bool was_nullable = column.nullable;
    Maker().MakeNotNull(column);
    // Older MySQL gives such a column the implicit default of its type.
    const bool implicit = was_nullable && !context_.facts.version.is_mariadb &&
                          context_.facts.version.number < kMysql57;
    if (!implicit || column.default_kind != DefaultKind::kNone || column.auto_increment) return;
    using Kind = DefaultDefinition::Kind;
    switch (column.type.kind) {
      case TypeKind::kChar:
      case TypeKind::kVarchar:
      case TypeKind::kBinary:
      case TypeKind::kVarbinary:
      case TypeKind::kSet:
        Maker().SetDefault({Kind::kString, ""}, column);
        break;
      case TypeKind::kEnum:
        Maker().SetDefault({Kind::kNumber, "1"}, column);
        break;
      case TypeKind::kText:
      case TypeKind::kBlob:
      case TypeKind::kGeometry:
        break;
      default:
        Maker().SetDefault({Kind::kNumber, "0"}, column);
    }
  }

  // Without explicit_defaults_for_timestamp: the table's first TIMESTAMP is CURRENT_TIMESTAMP if it
  // says nothing, others are zero.
  void PromoteFirstTimestamp() {
    bool first = true;
    for (Draft& draft : drafts) {
      Column& column = draft.column;
      if (column.type.kind != TypeKind::kTimestamp) continue;
      const bool is_first = std::exchange(first, false);
      const ColumnDefinition* const said = draft.definition;
      if (said == nullptr || column.nullable || column.generated) continue;
      if (said->default_value.kind != DefaultDefinition::Kind::kNone) continue;
      if (is_first && !said->on_update_now) {
        Maker().SetTimestampNow(column);
      } else {
        Maker().SetDefault({DefaultDefinition::Kind::kNumber, "0"}, column);
      }
    }
  }

  Table table_;
  const DefinitionContext& context_;
};

bool IsLargeName(std::string_view type) { return type.ends_with("text") || type.ends_with("blob"); }
bool IsLarge(const Column& column) {
  return column.type.kind == TypeKind::kText || column.type.kind == TypeKind::kBlob ||
         column.type.kind == TypeKind::kJson;
}

class Alteration {
 public:
  Alteration(const Table& table, const AlterTable& alter, const DefinitionContext& context)
      : old_(table), alter_(alter), context_(context), new_(table) {}

  Result<AlteredTable> Run() {
    SL_TRY(SetOptions());
    Definition definition(new_, context_);
    definition.indexes = IndexDraft(old_);
    SL_TRY(DropIndexes(definition));
    SL_TRY(KeepColumns(definition));
    SL_TRY(AddColumns(definition));
    SL_TRY(AddIndexes(definition));
    SL_ASSIGN(altered_.table, definition.Finish());
    SL_TRY(ChangePartitions());
    if (ConvertsNothing()) altered_.table.default_collation = old_.default_collation;
    return std::move(altered_);
  }

 private:
  // MySQL 5.6 takes a CONVERT TO that changes no column for nothing to do.
  bool ConvertsNothing() const {
    if (convert_ == nullptr || alter_.actions.size() != 1 || alter_.options.engine ||
        context_.facts.version.is_mariadb || context_.facts.version.number >= kMysql57) {
      return false;
    }
    return std::equal(old_.columns.begin(), old_.columns.end(), altered_.table.columns.begin(),
                      altered_.table.columns.end(),
                      [](const Column& a, const Column& b) { return a.collation == b.collation; });
  }

  template <typename Action, typename Matches>
  const Action* FindAction(const Matches& matches) const {
    for (const AlterAction& action : alter_.actions) {
      const Action* const candidate = std::get_if<Action>(&action);
      if (candidate != nullptr && matches(*candidate)) return candidate;
    }
    return nullptr;
  }

  Status SetOptions() {
    const TableOptions& options = alter_.options;
    if (options.comment) new_.comment = *options.comment;
    if (options.engine) new_.engine = EngineName(context_.facts, *options.engine);
    SL_ASSIGN(auto collation, CollationOf(context_, options.charset, options.collation,
                                          context_.database_collation));
    if (collation) new_.default_collation = *collation;
    if (const auto* convert = FindAction<ConvertCharset>([](const auto&) { return true; })) {
      const auto converts = std::count_if(
          alter_.actions.begin(), alter_.actions.end(),
          [](const AlterAction& action) { return std::holds_alternative<ConvertCharset>(action); });
      if (converts > 1 || !options.charset.empty() || !options.collation.empty()) {
        return Error{ErrorKind::kPolicy, "CONVERT TO beside another charset"};
      }
      if (convert->charset.empty() || convert->charset == "default") {
        return Error{ErrorKind::kPolicy, "CONVERT TO the session's charset, which isn't known"};
      }
      SL_ASSIGN(collation, CollationOf(context_, convert->charset, convert->collation,
                                       context_.database_collation));
      new_.default_collation = collation.value_or(context_.database_collation);
      const Collation* const to = context_.facts.collations.FindName(new_.default_collation);
      if (to == nullptr || to->charset == "binary") {
        return Error{ErrorKind::kPolicy, "CONVERT TO a charset that can't be followed"};
      }
      convert_ = to;
    }
    return {};
  }

  // What becomes of the columns that are there. Names are those from before the statement.
  Status KeepColumns(Definition& definition) {
    for (const Column& column : old_.columns) {
      const auto same = [&](const std::string& name) { return SameWord(name, column.name); };
      if (FindAction<DropColumn>([&](const auto& drop) { return same(drop.name); })) {
        // An index follows the name to a column that is added under it.
        if (!FindAction<AddColumn>([&](const auto& add) { return same(add.column.name); })) {
          definition.indexes.DropColumn(column.name);
        }
        continue;
      }
      const auto* change =
          FindAction<ChangeColumn>([&](const auto& action) { return same(action.old_name); });
      if (change != nullptr) {
        Rename(column.name, change->column.name);
        if (!context_.facts.version.is_mariadb && IsLargeName(change->column.type.name) &&
            !IsLarge(column)) {
          definition.indexes.MakePrefix(column.name);
        }
        SL_ASSIGN(Column changed, MakeConverted(change->column, definition));
        definition.drafts.push_back({std::move(changed), &change->column});
        continue;
      }
      Draft draft{column};
      if (convert_ != nullptr) definition.Maker().Convert(*convert_, draft.column);
      if (const auto* rename =
              FindAction<RenameColumn>([&](const auto& action) { return same(action.from); })) {
        Rename(column.name, rename->to);
        draft.column.name = rename->to;
      }
      SL_TRY(SetAttributes(definition, column.name, draft.column));
      definition.drafts.push_back(std::move(draft));
    }
    RenameInIndexes(definition);
    return ExpectNamedColumns();
  }

  // CONVERT TO overrules the charset of columns that the same statement defines.
  Result<Column> MakeConverted(const ColumnDefinition& column, const Definition& definition) const {
    if (convert_ == nullptr || column.type.charset == "binary" ||
        column.type.collation == "binary") {
      return definition.Make(column);
    }
    ColumnDefinition converted = column;
    // MariaDB forgets a BINARY together with the charset that it belongs to, also that of NCHAR.
    if (context_.facts.version.is_mariadb && !column.type.charset.empty()) {
      converted.type.binary_collation = false;
    }
    converted.type.charset.clear();
    converted.type.collation.clear();
    return definition.Make(converted);
  }

  Status SetAttributes(Definition& definition, std::string_view name, Column& column) {
    if (const auto* set =
            FindAction<SetDefault>([&](const auto& s) { return SameWord(s.column, name); })) {
      if (!column.auto_increment) definition.Maker().SetDefault(set->value, column);
    }
    if (const auto* set =
            FindAction<SetVisibility>([&](const auto& s) { return SameWord(s.column, name); })) {
      column.invisible = set->invisible;
    }
    return {};
  }

  void Rename(const std::string& from, const std::string& to) {
    if (from != to) altered_.renamed_columns.emplace_back(from, to);
  }

  // All at once: "CHANGE a b …, CHANGE b a …" swaps.
  void RenameInIndexes(Definition& definition) const {
    const auto transient = [](size_t i) { return fmt::format("\x01{}", i); };
    const auto& renamed = altered_.renamed_columns;
    for (size_t i = 0; i < renamed.size(); ++i) {
      definition.indexes.RenameColumn(renamed[i].first, transient(i));
    }
    for (size_t i = 0; i < renamed.size(); ++i) {
      definition.indexes.RenameColumn(transient(i), renamed[i].second);
    }
  }

  // A column that the statement names and that isn't known: the definition is not the source's.
  Status ExpectNamedColumns() const {
    const auto known = [&](const std::string& name) {
      return std::any_of(old_.columns.begin(), old_.columns.end(),
                         [&](const Column& column) { return SameWord(column.name, name); });
    };
    for (const AlterAction& action : alter_.actions) {
      if (const auto* drop = std::get_if<DropColumn>(&action)) {
        if (!drop->if_exists && !known(drop->name)) return NoSuchColumn(drop->name);
      } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
        if (!change->if_exists && !known(change->old_name)) return NoSuchColumn(change->old_name);
      } else if (const auto* rename = std::get_if<RenameColumn>(&action)) {
        if (!rename->if_exists && !known(rename->from)) return NoSuchColumn(rename->from);
      }
    }
    return {};
  }

  // From where it was to the place that the statement says.
  static Status Move(const ChangeColumn& change, Definition& definition) {
    if (!change.place.first && change.place.after.empty()) return {};
    const auto found =
        std::find_if(definition.drafts.begin(), definition.drafts.end(),
                     [&](const Draft& draft) { return draft.definition == &change.column; });
    if (found == definition.drafts.end()) return {};  // IF EXISTS
    Draft draft = std::move(*found);
    definition.drafts.erase(found);
    return definition.Place(std::move(draft), change.place);
  }

  // New columns, and changed ones that move, in the statement's order.
  Status AddColumns(Definition& definition) {
    for (const AlterAction& action : alter_.actions) {
      if (const auto* change = std::get_if<ChangeColumn>(&action)) {
        SL_TRY(Move(*change, definition));
      } else if (const auto* add = std::get_if<AddColumn>(&action)) {
        if (add->if_not_exists && definition.Find(add->column.name) != nullptr) continue;
        SL_ASSIGN(Column column, MakeConverted(add->column, definition));
        altered_.added_columns.push_back(column.name);
        SL_TRY(definition.Place({std::move(column), &add->column}, add->place));
      }
    }
    return {};
  }

  // Before columns are dropped, which may take indexes with them.
  Status DropIndexes(Definition& definition) const {
    for (const AlterAction& action : alter_.actions) {
      if (const auto* drop = std::get_if<DropIndex>(&action)) {
        if (!definition.indexes.Drop(drop->name) && !drop->may_be_missing &&
            definition.indexes.HasUnique()) {
          // Which unique key went can't be told, as one of them has another name here.
          return Error{ErrorKind::kPolicy,
                       fmt::format("it drops index `{}`, which isn't known", drop->name)};
        }
      }
      if (const auto* rename = std::get_if<RenameIndex>(&action)) {
        definition.indexes.Rename(rename->from, rename->to);
      }
    }
    return {};
  }

  Status AddIndexes(Definition& definition) {
    for (const AlterAction& action : alter_.actions) {
      if (const auto* add = std::get_if<AddIndex>(&action)) {
        definition.AddIndex(add->index);
      } else if (const auto* column = std::get_if<AddColumn>(&action)) {
        const auto& added = altered_.added_columns;
        const bool is_new =
            std::find(added.begin(), added.end(), column->column.name) != added.end();
        if (is_new) AddColumnIndexes(column->column, context_.facts, definition.indexes);
      } else if (const auto* change = std::get_if<ChangeColumn>(&action)) {
        AddColumnIndexes(change->column, context_.facts, definition.indexes);
      }
    }
    return {};
  }

  Status ChangePartitions() {
    std::vector<std::string>& names = altered_.table.partitions;
    for (const AlterAction& action : alter_.actions) {
      if (const auto* set = std::get_if<SetPartitions>(&action)) {
        names = set->names;
      } else if (const auto* add = std::get_if<AddPartitions>(&action)) {
        const auto unnamed = UnnamedPartitions(names.size(), add->count);
        names.insert(names.end(), add->names.begin(), add->names.end());
        names.insert(names.end(), unnamed.begin(), unnamed.end());
      } else if (const auto* drop = std::get_if<DropPartitions>(&action)) {
        altered_.rows_replaced = true;
        std::erase_if(names, [&](const std::string& name) {
          return std::any_of(drop->names.begin(), drop->names.end(),
                             [&](const std::string& gone) { return SameWord(gone, name); });
        });
      } else if (const auto* coalesce = std::get_if<CoalescePartitions>(&action)) {
        names.resize(names.size() - std::min<size_t>(names.size(), coalesce->count));
      } else if (const auto* reorganize = std::get_if<ReorganizePartitions>(&action)) {
        Reorganize(*reorganize, names);
      } else if (std::holds_alternative<ReplaceRows>(action)) {
        altered_.rows_replaced = true;
      }
    }
    return {};
  }

  static void Reorganize(const ReorganizePartitions& reorganize, std::vector<std::string>& names) {
    if (reorganize.from.empty()) return;
    const auto first = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
      return SameWord(name, reorganize.from.front());
    });
    const auto place = first - names.begin();
    const size_t count = std::min(reorganize.from.size(), static_cast<size_t>(names.end() - first));
    names.erase(first, first + static_cast<std::ptrdiff_t>(count));
    names.insert(names.begin() + place, reorganize.into.begin(), reorganize.into.end());
  }

  const Table& old_;
  const AlterTable& alter_;
  const DefinitionContext& context_;
  Table new_;
  const Collation* convert_ = nullptr;
  AlteredTable altered_;
};

}  // namespace

Result<Table> MakeTable(TableId id, const CreateTable& create, const DefinitionContext& context) {
  Table table;
  table.id = std::move(id);
  table.comment = create.options.comment.value_or("");
  table.engine =
      EngineName(context.facts, create.options.engine.value_or(context.facts.default_engine));
  SL_ASSIGN(const auto collation,
            CollationOf(context, create.options.charset, create.options.collation,
                        context.database_collation));
  table.default_collation = collation.value_or(context.database_collation);
  table.partitions = create.partitions;
  Definition definition(std::move(table), context);
  for (const ColumnDefinition& column : create.columns) {
    SL_ASSIGN(Column made, definition.Make(column));
    SL_TRY(definition.Place({std::move(made), &column}, {}));
  }
  for (const ColumnDefinition& column : create.columns) {
    AddColumnIndexes(column, context.facts, definition.indexes);
  }
  for (const IndexDefinition& index : create.indexes) {
    if (!index.foreign_key) definition.AddIndex(index);
  }
  for (const IndexDefinition& index : create.indexes) {
    if (index.foreign_key) definition.AddIndex(index);
  }
  return definition.Finish();
}

Result<AlteredTable> AlterDefinition(const Table& table, const AlterTable& alter,
                                     const DefinitionContext& context) {
  return Alteration(table, alter, context).Run();
}

}  // namespace starlift::mysql
