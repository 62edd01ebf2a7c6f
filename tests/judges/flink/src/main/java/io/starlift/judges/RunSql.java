package io.starlift.judges;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;

/**
 * Runs the statements of a SQL file on a Flink inside this process, one after another; an INSERT
 * is awaited. Arguments: the file, then key=value Flink settings. A statement ends with ';' at the
 * end of a line; a statement set ends with its END. Prints one line per job: its wall seconds and
 * this process's CPU seconds.
 */
public final class RunSql {
  static final String SET_BEGIN = "EXECUTE STATEMENT SET BEGIN";

  private RunSql() {}

  public static void main(String[] args) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("taskmanager.numberOfTaskSlots", "4");
    long timeoutSeconds = 600;
    for (int i = 1; i < args.length; i++) {
      String[] setting = args[i].split("=", 2);
      if (setting[0].equals("timeout-seconds")) {
        timeoutSeconds = Long.parseLong(setting[1]);
      } else {
        configuration.setString(setting[0], setting[1]);
      }
    }
    TableEnvironment tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
    for (String statement : readStatements(Path.of(args[0]))) {
      long startNanos = System.nanoTime();
      TableResult result = tables.executeSql(statement);
      if (isJob(statement)) {
        result.await(timeoutSeconds, TimeUnit.SECONDS);
        System.out.printf(
            "insert wall_seconds=%.2f process_cpu_seconds=%.2f%n",
            (System.nanoTime() - startNanos) / 1e9, processCpuSeconds());
      }
    }
    System.exit(0); // connectors leave non-daemon threads behind
  }

  static boolean isJob(String statement) {
    return statement.startsWith("INSERT ") || statement.startsWith(SET_BEGIN);
  }

  private static double processCpuSeconds() {
    java.lang.management.OperatingSystemMXBean bean =
        java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return ((com.sun.management.OperatingSystemMXBean) bean).getProcessCpuTime() / 1e9;
  }

  static List<String> readStatements(Path file) throws Exception {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (statement.length() == 0 && (line.isBlank() || line.startsWith("--"))) {
        continue;
      }
      statement.append(line).append('\n');
      String trimmed = line.stripTrailing();
      boolean inSet = statement.indexOf(SET_BEGIN) == 0;
      if (inSet ? trimmed.equals("END;") : trimmed.endsWith(";")) {
        String text = statement.toString().strip();
        statements.add(text.substring(0, text.length() - 1));
        statement.setLength(0);
      }
    }
    return statements;
  }
}
