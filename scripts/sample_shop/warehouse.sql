-- The warehouse: every column type of the server, and names that need quoting.
SET NAMES utf8mb4;
SET time_zone = '+00:00', sql_mode = 'NO_UNSIGNED_SUBTRACTION';
SET @scale = COALESCE(@scale, 1);
CREATE DATABASE warehouse CHARACTER SET utf8mb4;
USE warehouse;

CREATE TABLE every_type (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  c_bool BOOL, c_tinyint TINYINT, c_tinyint_u TINYINT UNSIGNED, c_smallint SMALLINT, c_smallint_u SMALLINT UNSIGNED,
  c_mediumint MEDIUMINT, c_mediumint_u MEDIUMINT UNSIGNED, c_int INT, c_int_u INT UNSIGNED ZEROFILL, c_bigint BIGINT,
  c_bigint_u BIGINT UNSIGNED, c_decimal DECIMAL(38, 10), c_decimal_wide DECIMAL(65, 30), c_float FLOAT, c_double DOUBLE,
  c_bit BIT(8), c_bit64 BIT(64), c_date DATE, c_datetime DATETIME, c_datetime6 DATETIME(6), c_timestamp TIMESTAMP NULL,
  c_timestamp6 TIMESTAMP(6) NULL, c_time TIME, c_time6 TIME(6), c_year YEAR, c_char CHAR(10), c_varchar VARCHAR(100),
  c_tinytext TINYTEXT, c_text TEXT, c_mediumtext MEDIUMTEXT, c_longtext LONGTEXT, c_binary BINARY(8), c_varbinary VARBINARY(100),
  c_tinyblob TINYBLOB, c_blob BLOB, c_mediumblob MEDIUMBLOB, c_longblob LONGBLOB, c_enum ENUM('a', 'b, c', 'd''e'),
  c_set SET('x', 'y', 'z'), c_json JSON, c_geometry GEOMETRY, c_point POINT, c_linestring LINESTRING, c_polygon POLYGON,
  c_uuid UUID, c_inet4 INET4, c_inet6 INET6, c_generated INT AS (c_smallint + 1) VIRTUAL, c_invisible INT INVISIBLE DEFAULT 7
);
INSERT INTO every_type (id, c_bool, c_tinyint, c_tinyint_u, c_smallint, c_smallint_u, c_mediumint, c_mediumint_u, c_int, c_int_u,
    c_bigint, c_bigint_u, c_decimal, c_decimal_wide, c_float, c_double, c_bit, c_bit64, c_date, c_datetime, c_datetime6,
    c_timestamp, c_timestamp6, c_time, c_time6, c_year, c_char, c_varchar, c_tinytext, c_text, c_mediumtext, c_longtext,
    c_binary, c_varbinary, c_tinyblob, c_blob, c_mediumblob, c_longblob, c_enum, c_set, c_json, c_geometry, c_point,
    c_linestring, c_polygon, c_uuid, c_inet4, c_inet6)
  SELECT ~seq, seq % 2, seq % 256 - 128, seq % 256, seq % 65536 - 32768, seq % 65536, seq * 167 % 16777216 - 8388608,
    seq * 167 % 16777216, seq * 429497 % 4294967296 - 2147483648, seq * 429497 % 4294967296, 9223372036854775807 - seq * 1000003,
    ~seq, seq / 7, seq / 7 * 1e20, seq / 3, seq / 3 * 1e100, seq % 256, ~seq,
    DATE '1000-01-01' + INTERVAL seq * 30 DAY, TIMESTAMP '1970-01-01 00:00:00' + INTERVAL seq HOUR,
    TIMESTAMP '1970-01-01 00:00:00' + INTERVAL seq * 999999 MICROSECOND, FROM_UNIXTIME(seq * 10000 + 1), FROM_UNIXTIME(seq * 10000 + 1.25),
    SEC_TO_TIME(seq * 60 - 3000000), SEC_TO_TIME(seq * 60 - 3000000 + 0.5), 1901 + seq % 255, CONCAT('c', seq), CONCAT('v', seq, ' ä €'),
    CONCAT('t', seq), REPEAT('text ', seq % 50), REPEAT('medium ', seq % 50), REPEAT('long ', seq % 50), CHAR(seq % 256),
    UNHEX(MD5(seq)), UNHEX(MD5(seq + 1)), UNHEX(SHA1(seq)), UNHEX(SHA2(seq, 256)), UNHEX(SHA2(seq, 512)), 1 + seq % 3, seq % 8,
    JSON_OBJECT('n', seq, 'nested', JSON_ARRAY(1, 2.5, NULL, 'three')), ST_GeomFromText(CONCAT('POINT(', seq, ' 2.5)')),
    POINT(seq % 180, seq % 90), ST_GeomFromText('LINESTRING(0 0,1 1,2 0.5)'), ST_GeomFromText('POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))'),
    MD5(seq), INET_NTOA(seq), CONCAT('2001:db8::', HEX(seq % 65536))
  FROM seq_1_to_20000;
INSERT INTO every_type (id) VALUES (1);

CREATE TABLE `select` (`from` INT NOT NULL PRIMARY KEY, `where` VARCHAR(20), `order by` VARCHAR(20), `100 %` INT, `naïve – ☃` VARCHAR(20));
INSERT INTO `select` SELECT seq, 'here', CONCAT('by ', seq), seq, '☃' FROM seq_1_to_100;

CREATE TABLE `Bins` (id INT NOT NULL PRIMARY KEY, name VARCHAR(20));
CREATE TABLE `bins-2024` (id INT NOT NULL PRIMARY KEY, name VARCHAR(20));
INSERT INTO `Bins` SELECT seq, CONCAT('Bin ', seq) FROM seq_1_to_100;
CREATE TABLE empty_shelf (id INT NOT NULL PRIMARY KEY, content TEXT);

CREATE TABLE stock (
  site VARCHAR(10) COLLATE utf8mb4_general_ci NOT NULL,
  sku CHAR(12) NOT NULL,
  pieces INT NOT NULL,
  counted_at DATETIME NOT NULL,
  value DECIMAL(14, 4) AS (pieces * 2.5) VIRTUAL,
  PRIMARY KEY (site, sku)
) PARTITION BY KEY (site) PARTITIONS 4;
SET @sql = CONCAT("INSERT INTO stock (site, sku, pieces, counted_at)
  SELECT ELT(1 + seq % 4, 'Berlin', 'lyon', 'OSAKA', 'Åre'), CONCAT('SL-', LPAD(HEX(seq DIV 4), 8, '0')), seq % 900,
    TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq SECOND
  FROM seq_1_to_", CONVERT(ROUND(80000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;

CREATE TABLE sensor_readings (
  sensor SMALLINT UNSIGNED NOT NULL,
  at TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01 00:00:00',
  temperature FLOAT NOT NULL,
  humidity DOUBLE,
  place POINT NOT NULL,
  flags BIT(12) NOT NULL,
  PRIMARY KEY (sensor, at)
);
SET @sql = CONCAT("INSERT INTO sensor_readings
  SELECT seq % 200, TIMESTAMP '2024-03-31 00:00:00' + INTERVAL seq * 997 * 1000 MICROSECOND, 18 + (seq * 31 % 997) / 77, (seq * 17 % 1009) / 10.09,
    POINT(13 + seq % 100 / 100, 52 + seq % 77 / 100), seq % 4096
  FROM seq_1_to_", CONVERT(ROUND(200000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;
