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
 * end of a line. Prints one line per INSERT: its wall seconds and this process's CPU seconds. With
 * plan-only=true an INSERT is only planned, with the real connectors; every statement that is
 * refused is printed.
 */
public final class RunSql {
  private RunSql() {}

  public static void main(String[] args) throws Exception {
    Configuration configuration = new Configuration();
    configuration.setString("parallelism.default", "1");
    configuration.setString("taskmanager.numberOfTaskSlots", "4");
    long timeoutSeconds = 600;
    boolean planOnly = false;
    for (int i = 1; i < args.length; i++) {
      String[] setting = args[i].split("=", 2);
      if (setting[0].equals("timeout-seconds")) {
        timeoutSeconds = Long.parseLong(setting[1]);
      } else if (setting[0].equals("plan-only")) {
        planOnly = Boolean.parseBoolean(setting[1]);
      } else {
        configuration.setString(setting[0], setting[1]);
      }
    }
    TableEnvironment tables =
        TableEnvironment.create(
            EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
    if (planOnly) {
      planAll(tables, readStatements(Path.of(args[0])));
      System.exit(0);
    }
    for (String statement : readStatements(Path.of(args[0]))) {
      long startNanos = System.nanoTime();
      TableResult result = tables.executeSql(statement);
      if (statement.regionMatches(true, 0, "INSERT", 0, 6)) {
        result.await(timeoutSeconds, TimeUnit.SECONDS);
        System.out.printf(
            "insert wall_seconds=%.2f process_cpu_seconds=%.2f%n",
            (System.nanoTime() - startNanos) / 1e9, processCpuSeconds());
      }
    }
    System.exit(0); // connectors leave non-daemon threads behind
  }

  private static void planAll(TableEnvironment tables, List<String> statements) {
    int planned = 0;
    for (String statement : statements) {
      try {
        if (statement.regionMatches(true, 0, "INSERT", 0, 6)) {
          tables.explainSql(statement);
          planned++;
        } else {
          tables.executeSql(statement);
        }
      } catch (Exception refused) {
        Throwable cause = refused;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        System.out.printf("refused: %s: %s%n", statement.lines().findFirst().get(), cause.getMessage());
      }
    }
    System.out.printf("planned=%d%n", planned);
  }

  private static double processCpuSeconds() {
    java.lang.management.OperatingSystemMXBean bean =
        java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return ((com.sun.management.OperatingSystemMXBean) bean).getProcessCpuTime() / 1e9;
  }

  private static List<String> readStatements(Path file) throws Exception {
    List<String> statements = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      if (statement.length() == 0 && (line.isBlank() || line.startsWith("--"))) {
        continue;
      }
      statement.append(line).append('\n');
      String trimmed = line.stripTrailing();
      if (trimmed.endsWith(";")) {
        String text = statement.toString().strip();
        statements.add(text.substring(0, text.length() - 1));
        statement.setLength(0);
      }
    }
    return statements;
  }
}
