package io.starlift.judges;

import java.nio.file.Path;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * Holds SQL files against Flink's own planner and the real connectors: each CREATE is executed, each
 * INSERT planned and not run. Arguments: files, each read by a Flink of its own;
 * first=file before one names a file that is executed before those that follow, such as one that
 * makes the catalog that they read. Prints each statement that is refused, and one line per file: how many
 * INSERTs were planned.
 */
public final class PlanSql {
  private PlanSql() {}

  public static void main(String[] args) throws Exception {
    Path first = null;
    for (String argument : args) {
      if (argument.startsWith("first=")) {
        first = Path.of(argument.substring("first=".length()));
        continue;
      }
      TableEnvironment tables =
          TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().build());
      if (first != null) {
        for (String statement : RunSql.readStatements(first)) {
          tables.executeSql(statement);
        }
      }
      System.out.printf("planned=%d in %s%n", plan(tables, Path.of(argument)), argument);
    }
    System.exit(0); // connectors leave non-daemon threads behind
  }

  private static long plan(TableEnvironment tables, Path file) throws Exception {
    long planned = 0;
    for (String statement : RunSql.readStatements(file)) {
      try {
        if (RunSql.isJob(statement)) {
          tables.explainSql(statement);
          planned += statement.lines().filter(line -> line.startsWith("INSERT ")).count();
        } else {
          tables.executeSql(statement);
        }
      } catch (Exception refused) {
        Throwable cause = refused;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        System.out.printf(
            "refused: %s: %s%n", statement.lines().findFirst().get(), cause.getMessage());
      }
    }
    return planned;
  }
}
