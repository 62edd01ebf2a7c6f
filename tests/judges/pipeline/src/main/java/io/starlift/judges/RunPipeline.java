package io.starlift.judges;

import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.apache.flink.cdc.cli.parser.YamlPipelineDefinitionParser;
import org.apache.flink.cdc.common.configuration.ConfigOption;
import org.apache.flink.cdc.common.configuration.Configuration;
import org.apache.flink.cdc.common.factories.Factory;
import org.apache.flink.cdc.composer.PipelineExecution;
import org.apache.flink.cdc.composer.definition.PipelineDef;
import org.apache.flink.cdc.composer.flink.FlinkPipelineComposer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Takes a pipeline file with Flink CDC's own parser, composes it with the real connectors (which
 * check each option and look at the source's tables), and runs it until it ends or this process is
 * ended. Arguments: the file; then "compose-only", or "list-options" to print what each connector
 * knows.
 */
public final class RunPipeline {
  private RunPipeline() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 1 && args[1].equals("list-options")) {
      listOptions();
      System.exit(0);
    }
    LocalFlink.use();
    PipelineDef pipeline = new YamlPipelineDefinitionParser().parse(Path.of(args[0]), new Configuration());
    PipelineExecution execution = FlinkPipelineComposer.ofMiniCluster().compose(pipeline);
    System.out.println("composed");
    if (args.length == 1) {
      execution.execute();
      System.out.println("ended");
    }
    System.exit(0); // connectors leave non-daemon threads behind
  }

  /** What the composer takes for its Flink: one in this process. */
  private static final class LocalFlink extends StreamExecutionEnvironment {
    static void use() {
      var settings = new org.apache.flink.configuration.Configuration();
      // The connectors are on the class path already; a second copy would be of other classes.
      settings.setString("classloader.resolve-order", "parent-first");
      // Without checkpoints the source never goes on from the snapshot to the log.
      settings.setString("execution.checkpointing.interval", "2s");
      settings.setString("execution.target", "local");
      settings.setString("execution.attached", "true");
      initializeContextEnvironment(ignored -> new StreamExecutionEnvironment(settings));
    }
  }

  private static void listOptions() {
    for (Factory factory : ServiceLoader.load(Factory.class)) {
      TreeSet<String> options = new TreeSet<>();
      for (ConfigOption<?> option : factory.requiredOptions()) {
        options.add(option.key());
      }
      for (ConfigOption<?> option : factory.optionalOptions()) {
        options.add(option.key());
      }
      System.out.printf("options of %s: %s%n", factory.identifier(), String.join(" ", options));
    }
  }
}
