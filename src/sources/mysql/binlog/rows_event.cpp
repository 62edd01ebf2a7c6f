#include "sources/mysql/binlog/rows_event.h"

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

struct RowsForm {
  EventType type;
  ChangeKind kind;
  bool extra_data;  // version 2
  bool compressed;
};
constexpr RowsForm kForms[] = {
    {EventType::kWriteRowsV1, ChangeKind::kInsert, false, false},
    {EventType::kUpdateRowsV1, ChangeKind::kUpdate, false, false},
    {EventType::kDeleteRowsV1, ChangeKind::kDelete, false, false},
    {EventType::kWriteRowsV2, ChangeKind::kInsert, true, false},
    {EventType::kUpdateRowsV2, ChangeKind::kUpdate, true, false},
    {EventType::kDeleteRowsV2, ChangeKind::kDelete, true, false},
    {EventType::kPartialUpdateRows, ChangeKind::kUpdate, true, false},
    {EventType::kMariadbWriteRowsCompressedV1, ChangeKind::kInsert, false, true},
    {EventType::kMariadbUpdateRowsCompressedV1, ChangeKind::kUpdate, false, true},
    {EventType::kMariadbDeleteRowsCompressedV1, ChangeKind::kDelete, false, true},
    {EventType::kMariadbWriteRowsCompressedV2, ChangeKind::kInsert, true, true},
    {EventType::kMariadbUpdateRowsCompressedV2, ChangeKind::kUpdate, true, true},
    {EventType::kMariadbDeleteRowsCompressedV2, ChangeKind::kDelete, true, true},
};

// Rows_event::NO_FOREIGN_KEY_CHECKS_F.
constexpr uint16_t kNoForeignKeyChecks = 2;

const RowsForm* FindForm(EventType type) {
  for (const RowsForm& form : kForms) {
    if (form.type == type) return &form;
  }
  return nullptr;
}

Error TooShort() {
  return Error{.kind = ErrorKind::kData, .message = "a row event is shorter than it says"};
}

}  // namespace

bool IsRowsEvent(EventType type) { return FindForm(type) != nullptr; }

Result<uint64_t> ReadRowsTableId(std::string_view body, bool short_ids) {
  ByteReader reader(body);
  const uint64_t id = short_ids ? reader.U32() : reader.U48();
  if (!reader.ok()) return TooShort();
  return id;
}

Result<RowsEvent> ReadRowsEvent(EventType type, std::string_view body, bool short_ids,
                                std::string& scratch) {
  const RowsForm* const form = FindForm(type);
  if (form == nullptr) return Error{.kind = ErrorKind::kInternal, .message = "no row event"};
  ByteReader reader(body);
  RowsEvent event;
  event.kind = form->kind;
  event.partial_json = type == EventType::kPartialUpdateRows;
  event.table_id = short_ids ? reader.U32() : reader.U48();
  event.foreign_keys_off = (reader.U16() & kNoForeignKeyChecks) != 0;
  if (form->extra_data) {
    const uint16_t extra_bytes = reader.U16();  // counts itself
    if (extra_bytes < 2) return TooShort();
    reader.Skip(extra_bytes - 2U);
  }
  event.columns = reader.PackedInt();
  const std::string_view first = reader.Bytes((event.columns + 7) / 8);
  switch (event.kind) {
    case ChangeKind::kInsert:
      event.after_columns = first;
      break;
    case ChangeKind::kDelete:
      event.before_columns = first;
      break;
    case ChangeKind::kUpdate:
      event.before_columns = first;
      event.after_columns = reader.Bytes((event.columns + 7) / 8);
      break;
  }
  event.rows = reader.Rest();
  if (!reader.ok()) return TooShort();
  if (form->compressed) {
    SL_TRY(InflateMariadb(event.rows, scratch));
    event.rows = scratch;
  }
  return event;
}

}  // namespace starlift::mysql
