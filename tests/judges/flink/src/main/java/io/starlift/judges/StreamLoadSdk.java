package io.starlift.judges;

import com.starrocks.data.load.stream.StreamLoadDataFormat;
import com.starrocks.data.load.stream.StreamLoadSnapshot;
import com.starrocks.data.load.stream.properties.StreamLoadProperties;
import com.starrocks.data.load.stream.properties.StreamLoadTableProperties;
import com.starrocks.data.load.stream.v2.StreamLoadManagerV2;

/**
 * Loads rows (id, name, amount) by StarRocks' own stream-load SDK in exactly-once mode: several
 * flushes into one transaction, prepare, then commit; a second transaction is prepared and aborted.
 * Arguments: jdbc url, load url (host:port), user, password, database, table, rows, csv|json.
 */
public final class StreamLoadSdk {
  private StreamLoadSdk() {}

  public static void main(String[] args) throws Exception {
    String database = args[4];
    String table = args[5];
    int rows = Integer.parseInt(args[6]);
    boolean json = args[7].equals("json");
    StreamLoadTableProperties.Builder tableProperties =
        StreamLoadTableProperties.builder()
            .database(database)
            .table(table)
            .streamLoadDataFormat(json ? StreamLoadDataFormat.JSON : StreamLoadDataFormat.CSV)
            .addProperty("format", json ? "json" : "csv");
    if (json) {
      tableProperties.addProperty("strip_outer_array", "true");
      tableProperties.addProperty("ignore_json_size", "true");
    } else {
      tableProperties.addProperty("column_separator", ",");
    }
    StreamLoadProperties properties =
        StreamLoadProperties.builder()
            .jdbcUrl(args[0])
            .loadUrls(args[1])
            .username(args[2])
            .password(args[3])
            .version("3.5.0")
            .enableTransaction()
            .labelPrefix("judge-" + args[7])
            .defaultTableProperties(tableProperties.build())
            .cacheMaxBytes(1 << 20)
            .build();
    StreamLoadManagerV2 manager = new StreamLoadManagerV2(properties, false);
    manager.init();

    write(manager, database, table, 0, rows, json);
    StreamLoadSnapshot kept = finish(manager);
    require(manager.commit(kept), "commit");

    write(manager, database, table, rows, rows, json);
    StreamLoadSnapshot dropped = finish(manager);
    require(manager.abort(dropped), "abort");

    manager.close();
    System.out.println("loaded " + rows);
    System.exit(0);
  }

  private static StreamLoadSnapshot finish(StreamLoadManagerV2 manager) {
    manager.flush();
    StreamLoadSnapshot snapshot = manager.snapshot();
    require(manager.prepare(snapshot), "prepare");
    return snapshot;
  }

  private static void write(
      StreamLoadManagerV2 manager, String database, String table, int from, int count, boolean json) {
    for (int id = from; id < from + count; id++) {
      String row =
          json
              ? String.format("{\"id\":%d,\"name\":\"name %d é\",\"amount\":\"%d.25\"}", id, id, id)
              : String.format("%d,name %d é,%d.25", id, id, id);
      manager.write(null, database, table, row);
    }
  }

  private static void require(boolean ok, String step) {
    if (!ok) {
      throw new IllegalStateException(step + " failed");
    }
  }
}
