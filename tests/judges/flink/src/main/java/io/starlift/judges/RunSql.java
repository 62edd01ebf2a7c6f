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
 * this process's CPU seconds. With plan-only=true an INSERT is only planned, with the real
 * connectors; every statement that is refused is printed.
 */
public final class RunSql {
  private static final String SET_BEGIN = "EXECUTE STATEMENT SET BEGIN";

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
      if (isJob(statement)) {
        result.await(timeoutSeconds, TimeUnit.SECONDS);
        System.out.printf(
            "insert wall_seconds=%.2f process_cpu_seconds=%.2f%n",
            (System.nanoTime() - startNanos) / 1e9, processCpuSeconds());
      }
    }
    System.exit(0); // connectors leave non-daemon threads behind
  }

  private static void planAll(TableEnvironment tables, List<String> statements) {
    long planned = 0;
    for (String statement : statements) {
      try {
        if (isJob(statement)) {
          tables.explainSql(statement);
          planned += insertsIn(statement);
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

  private static boolean isJob(String statement) {
    return statement.startsWith("INSERT ") || statement.startsWith(SET_BEGIN);
  }

  private static long insertsIn(String job) {
    return job.lines().filter(line -> line.startsWith("INSERT ")).count();
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
