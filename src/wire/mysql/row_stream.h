#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/row_batch.h"
#include "wire/mysql/client.h"

namespace starlift::wire::mysql {

class RowParser;

// The rows of one query as they come off the wire, in text form. The bytes are received straight
// into the batch's arena and the cells point at them there: nothing is copied per cell, nothing
// allocated per row. The arena therefore holds the packets' framing, too.
//
// Borrows the session of the Client that made it, and must not outlive it. Used by one thread.
class RowStream {
 public:
  RowStream(RowStream&&) noexcept;
  RowStream& operator=(RowStream&&) noexcept;
  // Closes the session if rows are still to come: reading the rest could take for ever.
  ~RowStream();

  const std::vector<Field>& fields() const { return fields_; }

  // Replaces the batch's contents by the next rows, `target_bytes` or somewhat more of them (one
  // row, if it is larger). The batch must have as many columns as there are fields. False: no more
  // rows. A server's error in mid-stream ends it; the rows before it were handed out.
  Result<bool> ReadBatch(RowBatch& batch, size_t target_bytes);

 private:
  friend class Client;
  RowStream(Session* session, std::vector<Field> fields);
  Result<bool> Fill(RowParser& parser, ByteArena& arena, size_t wanted);
  Error End(Error error);

  Session* session_;
  std::vector<Field> fields_;
  std::string tail_;  // the beginning of a row whose end did not fit into the last batch
  std::optional<Error> pending_;  // came after the rows of the last batch
};

}  // namespace starlift::wire::mysql
