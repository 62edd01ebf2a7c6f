#include "smt/config/config_reader.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace starlift::smt {
namespace {

constexpr std::string_view kGood = R"([db]
host = 192.168.1.1
port = 3306
user = root
password =
type = mysql

[other]
# comment
be_num = 3
use_decimal_v3 = false
output_dir = ./result

[table-rule.1]
database = ^db$
table = ^table$
schema = ^.*$
flink.starrocks.jdbc-url=jdbc:mysql://192.168.1.1:9030
flink.starrocks.password=
flink.starrocks.sink.properties.row_delimiter=\x02
)";

std::string With(std::string_view old_text, std::string_view new_text) {
  std::string text(kGood);
  const size_t at = text.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  text.replace(at, old_text.size(), new_text);
  return text;
}

ConfigReading Read(std::string_view text, Form form = Form::kRight) {
  return ReadConfig(text, "c.conf", form);
}

std::string ErrorsOf(std::string_view text) {
  std::string all;
  for (const Error& error : Read(text).errors) all += error.where + ": " + error.message + "\n";
  return all;
}

std::string NotesOf(std::string_view text) {
  std::string all;
  for (const std::string& note : Read(text).notes) all += note + "\n";
  return all;
}

TEST(ConfigReader, ReadsTheDocumentsSample) {
  const ConfigReading reading = Read(kGood);
  EXPECT_TRUE(reading.errors.empty()) << ErrorsOf(kGood);
  EXPECT_TRUE(reading.notes.empty()) << NotesOf(kGood);
  EXPECT_EQ(reading.config.db.port, 3306);
  EXPECT_EQ(reading.config.db.password, "");
  EXPECT_EQ(reading.config.other.be_num, 3u);
  EXPECT_FALSE(reading.config.other.use_decimal_v3);
  ASSERT_EQ(reading.config.rules.size(), 1u);
  const RuleConfig& rule = reading.config.rules[0];
  EXPECT_EQ(rule.name, "1");
  EXPECT_TRUE(rule.table.Matches("table"));
  EXPECT_FALSE(rule.table.Matches("table2"));
  const Pairs sink = {{"jdbc-url", "jdbc:mysql://192.168.1.1:9030"},
                      {"password", ""},
                      {"sink.properties.row_delimiter", "\\x02"}};
  EXPECT_EQ(rule.flink_starrocks, sink);
}

TEST(ConfigReader, SplitsAtTheFirstEqualsOrColonAndStripsItsOwnQuotesOnly) {
  const ConfigReading reading =
      Read(With("password =", "password: \"a=b'c\"\n\"sslmode\" = `  x  `"));
  EXPECT_TRUE(reading.errors.empty());
  EXPECT_EQ(reading.config.db.password, "\"a=b'c\"");
  EXPECT_EQ(reading.config.db.sslmode, "  x  ");
}

TEST(ConfigReader, TakesByteOrderMarkAndCarriageReturns) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : kGood) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(ErrorsOf(text), "");
  EXPECT_EQ(Read(text).config.db.type, "mysql");
}

TEST(ConfigReader, SaysAllErrorsAtOnceWithTheirLines) {
  const std::string text =
      "[db]\nhost = h\nport = 70000\nuser = u\npassword = p\ntype = mysq\n[other]\nbe_num = three\n"
      "use_decimal_v3 = yes\noutput_dir =\nno equals here\n[table-rule.1]\ndatabase = (\ntable = "
      "*\n"
      "bucket_num = 0\n[]\n[table-rule.a/b]\ndatabase = x\ntable = y\n";
  EXPECT_EQ(ErrorsOf(text),
            "c.conf:3: port = 70000 is no whole number from 1 to 65535\n"
            "c.conf:6: type = mysq is no kind of source\n"
            "c.conf:8: be_num = three is no whole number from 1 to 4294967295\n"
            "c.conf:9: use_decimal_v3 = yes is neither true nor false\n"
            "c.conf:11: this line can't be read: neither a [section] nor key = value\n"
            "c.conf:13: database: '(' is no regular expression: missing ): (\n"
            "c.conf:14: table: '*' is no regular expression: no argument for repetition operator: "
            "*\n"
            "c.conf:15: bucket_num = 0 is no whole number from 1 to 4294967295\n"
            "c.conf:16: a section without a name\n"
            "c.conf:17: [table-rule.a/b]: the part after the dot names the rule's files and can't "
            "hold / \\ or control characters\n");
}

TEST(ConfigReader, NamesMissingSectionsAndKeys) {
  EXPECT_EQ(ErrorsOf(""),
            "c.conf: no [db] section: nothing says where the source is\n"
            "c.conf: no [other] section\n"
            "c.conf: no [table-rule.N] section: nothing says which tables are wanted\n");
  EXPECT_EQ(ErrorsOf(With("port = 3306\n", "")), "c.conf:1: [db] has no port\n");
  EXPECT_EQ(ErrorsOf(With("type = mysql", "type = hive")),
            "c.conf:1: [db] has no authentication\n");
  EXPECT_EQ(ErrorsOf(With("type = mysql\n", "type = pgsql\n")
                         .replace(std::string(With("type = mysql\n", "type = pgsql\n"))
                                      .find("schema = ^.*$\n"),
                                  14, "")),
            "c.conf:14: [table-rule.1] has no schema\n");
}

TEST(ConfigReader, KeepsThePasswordAsItIs) {
  const std::string text = With("password =", "password = a'b\"c%(x)s;#d");
  EXPECT_EQ(Read(text).config.db.password, "a'b\"c%(x)s;#d");
  EXPECT_EQ(NotesOf(text),
            "c.conf:5: password holds %(x)s, and the file has no x: it stays as it is\n");
  EXPECT_EQ(ReadConfig(text, "c.conf", Form::kCompat).config.db.password, "a'b\"c;#d");
}

TEST(ConfigReader, FillsVariablesFromTheSectionAndFromBeforeAny) {
  const std::string text = "name = orders\n" + With("^table$", "^%(name)s_%(database)s$");
  EXPECT_EQ(Read(text).config.rules[0].table.text(), "^orders_^db$$");
}

TEST(ConfigReader, EndsAtAVariableThatComesRoundToItself) {
  EXPECT_EQ(Read(With("host = 192.168.1.1", "host = %(host)s")).config.db.host, "%(host)s");
}

TEST(ConfigReader, TableRuleGivesDefaultsToRules) {
  const std::string text = std::string(kGood) +
                           "[table-rule]\nbucket_num = 7\nschema = s\nflink.starrocks.x = 1\n"
                           "[table-rule.1.b]\ntable = t\n";
  const ConfigReading reading = Read(text);
  EXPECT_TRUE(reading.errors.empty()) << ErrorsOf(text);
  ASSERT_EQ(reading.config.rules.size(), 2u);
  EXPECT_EQ(reading.config.rules[0].bucket_num, 7u);
  EXPECT_EQ(reading.config.rules[1].name, "1.b");
  EXPECT_EQ(reading.config.rules[1].database.text(), "^db$");  // from [table-rule.1]
  EXPECT_TRUE(reading.config.rules[1].flink_starrocks.empty());
}

TEST(ConfigReader, SaysWhatIsGivenTwiceAndWhatHasNoEffect) {
  const std::string text =
      With("port = 3306", "port = 1\nport = 3306") + "partition_keys = d\n[oter]\nx=1\n[db]\n";
  EXPECT_EQ(Read(text).config.db.port, 3306);
  EXPECT_EQ(NotesOf(text),
            "c.conf:4: port was given at line 3 already; the last one counts\n"
            "c.conf:25: section [db] was opened at line 1 already; what follows is added to it\n"
            "c.conf:22: [table-rule.1] knows no partition_keys, it has no effect; did you mean "
            "partition_key?\n"
            "c.conf:23: section [oter] has no effect; did you mean other?\n");
}

TEST(ConfigReader, SaysWhichOptionsTheToolSetsItself) {
  const std::string text = With("", "") +
                           "properties.replication_num = 1\nflink.cdc.hostname = other\n"
                           "flink.starrocks.table-name = t\nflink.cdc.scan.startup.mode = initial\n"
                           "[table-rule]\nbucket_num = 3\nproperties.in_memory = true\n";
  EXPECT_EQ(
      NotesOf(text),
      "c.conf:21: properties.replication_num in [table-rule.1] has no effect: be_num says how "
      "many replicas there are\n"
      "c.conf:22: flink.cdc.hostname in [table-rule.1] has no effect: [db] says it\n"
      "c.conf:23: flink.starrocks.table-name in [table-rule.1] has no effect: the tool sets it "
      "for each table\n"
      "c.conf:27: properties.in_memory in [table-rule] has no effect: options are not "
      "inherited, so write it into each [table-rule.N]\n");
}

TEST(ConfigReader, BoundsTheNameOfARule) {
  const std::string text = With("[table-rule.1]", "[table-rule." + std::string(300, 'n') + "]");
  EXPECT_NE(ErrorsOf(text).find("is longer than 100 bytes"), std::string::npos);
  EXPECT_NE(ErrorsOf(With("[table-rule.1]", "[table-rule.all]")).find("`all` is the name"),
            std::string::npos);
}

TEST(ConfigReader, TakesPatternsThatOnlyABacktrackingEngineKnows) {
  const ConfigReading reading = Read(With("^table$", "^(?!tmp_)(a|b)_\\1$"));
  ASSERT_TRUE(reading.errors.empty());
  EXPECT_TRUE(reading.config.rules[0].table.Matches("a_a"));
  EXPECT_FALSE(reading.config.rules[0].table.Matches("a_b"));
  EXPECT_FALSE(reading.config.rules[0].table.Matches("tmp_a_a"));
}

TEST(ConfigReader, SaysWhichExpressionNeverEnds) {
  const ConfigReading reading = Read(With("^table$", "(?=(a+)+$)(a+)+b"));
  ASSERT_TRUE(reading.errors.empty());
  const Pattern& pattern = reading.config.rules[0].table;
  EXPECT_FALSE(pattern.Matches("b"));
  EXPECT_EQ(pattern.GaveUpOn(), std::nullopt);
  const std::string name(60, 'a');
  EXPECT_FALSE(pattern.Matches(name));
  EXPECT_EQ(pattern.GaveUpOn(), name);
}

TEST(ConfigReader, TakesCommentsOfAnyEncodingAndValuesOfOne) {
  EXPECT_EQ(ErrorsOf(With("# comment", "# \x83\x5c\xb1")), "");
  EXPECT_EQ(ErrorsOf(With("^table$", "^caf\xe9$")),
            "c.conf:14: [table-rule.1] has no table\nc.conf:16: this line is not UTF-8\n");
}

TEST(ConfigReader, PrintsNoPassword) {
  const std::string text = With("password =", "password = s3cret") +
                           "flink.cdc.jdbc.properties.trustStorePassword = s3cret\n"
                           "flink.cdc.database.password=s3cret\n";
  EXPECT_EQ(PrintConfig(Read(text).config).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace starlift::smt
