-- Customer relations: tables as they grow over the years, with all their sins.
SET NAMES utf8mb4;
SET time_zone = '+00:00', sql_mode = '';
SET @scale = COALESCE(@scale, 1);
CREATE DATABASE crm CHARACTER SET utf8mb4;
USE crm;

CREATE TABLE campaigns (
  code VARCHAR(20) CHARACTER SET ascii NOT NULL,
  version INT NOT NULL,
  title VARCHAR(200) NOT NULL,
  budget DECIMAL(38, 4),
  starts DATE NOT NULL,
  ends DATE,
  audience JSON,
  PRIMARY KEY (code, version)
);
INSERT INTO campaigns
  SELECT CONCAT('SUMMER-', seq), 1 + seq % 3, CONCAT('Summer campaign № ', seq, ' – “all you need”'), seq * 12345.6789,
    DATE '2020-06-01' + INTERVAL seq DAY, IF(seq % 3 = 0, NULL, DATE '2020-07-01' + INTERVAL seq DAY),
    IF(seq % 4 = 0, NULL, JSON_OBJECT('min_age', 18 + seq % 50, 'countries', JSON_ARRAY('DE', 'FR')))
  FROM seq_1_to_500;

CREATE TABLE page_events (
  at DATETIME(3) NOT NULL,
  session CHAR(16) NOT NULL,
  path VARCHAR(200) NOT NULL,
  referrer VARCHAR(200),
  duration TIME(3),
  score FLOAT
) COMMENT='Written by the tracker; no key, equal rows happen';
SET @sql = CONCAT("INSERT INTO page_events
  SELECT TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq DIV 3 * 37 SECOND, LPAD(HEX((seq DIV 5) * 2654435761), 16, '0'),
    CONCAT('/', ELT(1 + seq % 5, 'home', 'search?q=caf%C3%A9', 'product', 'cart', 'checkout'), '/', seq % 900),
    ELT(1 + seq % 4, NULL, 'https://search.example/', 'https://news.example/a?b=c', ''), SEC_TO_TIME((seq * 31 % 700000) / 1000),
    (seq * 7919 % 100000) / 977
  FROM seq_1_to_", CONVERT(ROUND(400000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;
INSERT INTO page_events SELECT * FROM page_events LIMIT 1000;

CREATE TABLE `e-mail log` (
  id INT UNSIGNED NOT NULL PRIMARY KEY,
  `to` VARCHAR(120) NOT NULL,
  `From` VARCHAR(120) NOT NULL,
  `sent at` DATETIME NOT NULL,
  `group` SMALLINT,
  subject VARCHAR(200) CHARACTER SET latin1,
  body MEDIUMTEXT
) COMMENT='Names as marketing wanted them';
SET @sql = CONCAT("INSERT INTO `e-mail log`
  SELECT seq, CONCAT('user', seq, '@example.com'), 'shop@example.com', TIMESTAMP '2023-01-01 00:00:00' + INTERVAL seq * 211 SECOND,
    seq % 30, CONCAT('Schöne Grüße, Kunde ', seq), IF(seq % 7 = 0, NULL, REPEAT(CONCAT('Hello ', seq, '! ', CHAR(13), CHAR(10)), 1 + seq % 12))
  FROM seq_1_to_", CONVERT(ROUND(150000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;

CREATE TABLE legacy_import (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(50) CHARACTER SET gbk,
  imported DATE NOT NULL DEFAULT '0000-00-00' COMMENT 'zero dates are real here',
  changed DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  amount DECIMAL(50, 10) COMMENT 'more digits than DECIMAL has at the target',
  raw VARBINARY(200)
);
SET @sql = CONCAT("INSERT INTO legacy_import
  SELECT seq, CONCAT('客户 ', seq), IF(seq % 3 = 0, '0000-00-00', IF(seq % 3 = 1, '2001-00-15', DATE '2001-01-01' + INTERVAL seq % 9000 DAY)),
    IF(seq % 2 = 0, '0000-00-00 00:00:00', TIMESTAMP '2001-01-01 00:00:00' + INTERVAL seq * 3 MINUTE), seq * 12345678901234567890.0123456789,
    UNHEX(CONCAT('00', LPAD(HEX(seq), 8, '0'), '090A5C4E'))
  FROM seq_1_to_", CONVERT(ROUND(50000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;
