-- The shop itself. @scale (1 = full size) is set by the caller.
SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET @scale = COALESCE(@scale, 1);
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;

CREATE TABLE categories (
  id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  parent_id SMALLINT UNSIGNED,
  name VARCHAR(60) NOT NULL COMMENT 'as shown in the menu',
  slug VARCHAR(60) NOT NULL UNIQUE
) COMMENT='Tree of product categories';
INSERT INTO categories VALUES
  (1, NULL, 'Home & Kitchen', 'home-kitchen'), (2, NULL, 'Electronics', 'electronics'), (3, NULL, 'Garden', 'garden'),
  (4, NULL, 'Books', 'books'), (5, NULL, 'Sports', 'sports'), (6, 1, 'Cookware', 'cookware'), (7, 1, 'Coffee', 'coffee'),
  (8, 2, 'Audio', 'audio'), (9, 2, 'Cameras', 'cameras'), (10, 3, 'Tools', 'garden-tools'), (11, 4, 'Science', 'science'),
  (12, 4, 'Crème de la crème', 'selected'), (13, 5, 'Cycling', 'cycling'), (14, 5, '登山', 'mountaineering');

CREATE TABLE customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(120) NOT NULL,
  first_name VARCHAR(40) NOT NULL,
  last_name VARCHAR(40) NOT NULL,
  birthday DATE,
  gender ENUM('female', 'male', 'diverse', 'not told') NOT NULL DEFAULT 'not told',
  interests SET('cooking', 'music', 'photo', 'garden', 'books', 'cycling', 'climbing'),
  street VARCHAR(80) NOT NULL,
  postcode CHAR(10) NOT NULL,
  city VARCHAR(40) NOT NULL,
  country CHAR(2) NOT NULL,
  newsletter BOOL NOT NULL,
  credit DECIMAL(12, 2) NOT NULL DEFAULT 0,
  created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  UNIQUE KEY (email)
) COMMENT='One row per account';
SET @n = ROUND(200000 * @scale);
SET @sql = CONCAT("INSERT INTO customers
  SELECT n, CONCAT(LOWER(first), '.', LOWER(REPLACE(REPLACE(last, 'ü', 'ue'), 'é', 'e')), n, '@',
      ELT(1 + n % 6, 'example.com', 'example.org', 'mail.example', 'post.example.net', 'firma.example', 'uni.example')),
    first, last,
    IF(n % 13 = 0, NULL, DATE '1940-01-01' + INTERVAL (n * 7919) % 24500 DAY),
    ELT(1 + n % 4, 'female', 'male', 'diverse', 'not told'), (n * 31) % 128,
    CONCAT(ELT(1 + (n * 5) % 9, 'Lindenstraße', 'Rue de Rivoli', 'High Street', 'Calle Mayor', 'Via Roma', 'Main Street',
      'Kungsgatan', '銀座', 'Rua Augusta'), ' ', 1 + n % 180),
    LPAD((n * 104729) % 99999, 5, '0'),
    ELT(1 + (n * 5) % 9, 'Berlin', 'Paris', 'London', 'Madrid', 'Roma', 'Springfield', 'Stockholm', '東京', 'Lisboa'),
    ELT(1 + (n * 5) % 9, 'DE', 'FR', 'GB', 'ES', 'IT', 'US', 'SE', 'JP', 'PT'),
    n % 3 = 0, IF(n % 20 = 0, (n % 9000) / 100, 0),
    TIMESTAMP '2015-01-01 00:00:00' + INTERVAL n * 1567 SECOND + INTERVAL (n % 1000) * 1000 MICROSECOND
  FROM (SELECT seq AS n,
      ELT(1 + (seq * 7) % 16, 'Anna', 'Bob', 'Chloé', 'David', 'Elif', 'Frank', 'Grace', 'Hiro', 'Ines', 'Jürgen', 'Kofi',
        'Lena', 'Miguel', 'Nadia', 'Oleg', '小林') AS first,
      ELT(1 + (seq * 11) % 15, 'Müller', 'Dupont', 'Smith', 'García', 'Rossi', 'Johnson', 'Svensson', 'Tanaka', 'Silva',
        'O''Neill', 'Yılmaz', 'Kowalski', 'van den Berg', 'André', 'Nguyễn') AS last
    FROM seq_1_to_", CONVERT(@n USING utf8mb4), ") AS s");
EXECUTE IMMEDIATE @sql;

CREATE TABLE products (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  category_id SMALLINT UNSIGNED NOT NULL,
  sku CHAR(12) NOT NULL UNIQUE,
  name VARCHAR(120) NOT NULL,
  description TEXT,
  price DECIMAL(10, 2) NOT NULL,
  vat_percent FLOAT NOT NULL,
  weight_kg DOUBLE,
  in_stock MEDIUMINT NOT NULL,
  attributes JSON,
  price_with_vat DECIMAL(12, 2) AS (ROUND(price * (1 + vat_percent / 100), 2)) STORED,
  released YEAR,
  thumbnail BLOB
);
SET @n = ROUND(20000 * @scale);
SET @sql = CONCAT("INSERT INTO products
    (id, category_id, sku, name, description, price, vat_percent, weight_kg, in_stock, attributes, released, thumbnail)
  SELECT seq, 1 + seq % 14, CONCAT('SL-', LPAD(HEX(seq * 2654435), 9, '0')),
    CONCAT(ELT(1 + seq % 7, 'Classic', 'Ultra', 'Mini', 'Pro', 'Éco', 'Family', '\"Limited\"'), ' ',
      ELT(1 + (seq * 3) % 8, 'espresso machine', 'headphones', 'garden hose', 'atlas of physics', 'road bike', 'camera', 'pan', 'ice axe'),
      ' ', seq),
    IF(seq % 10 = 0, NULL, REPEAT(CONCAT('Made to last. Comes with a ', 1 + seq % 5, '-year warranty.', CHAR(10)), 1 + seq % 6)),
    ROUND(3 + (seq * 7919) % 150000 / 100, 2), ELT(1 + seq % 3, 19, 7, 5.5), (seq * 31 % 9973) / 997, (seq * 17) % 1200,
    JSON_OBJECT('colour', ELT(1 + seq % 5, 'red', 'blue', 'black', 'white', 'natural'), 'rating', ROUND(1 + seq % 40 / 10, 1),
      'tags', JSON_ARRAY('new', seq % 7), 'size', IF(seq % 4 = 0, NULL, JSON_OBJECT('w', seq % 90, 'h', seq % 70))),
    2000 + seq % 26, UNHEX(REPEAT(LPAD(HEX(seq * 40503 % 65536), 4, '0'), seq % 40))
  FROM seq_1_to_", CONVERT(@n USING utf8mb4));
EXECUTE IMMEDIATE @sql;

CREATE TABLE orders (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  ordered_at DATETIME NOT NULL,
  shipped_at DATETIME(6),
  status ENUM('new', 'paid', 'shipped', 'returned', 'cancelled') NOT NULL,
  total DECIMAL(12, 2) NOT NULL,
  currency CHAR(3) NOT NULL DEFAULT 'EUR',
  client_ip VARBINARY(16),
  note VARCHAR(200)
) COMMENT='Orders of all channels';
SET @n = ROUND(500000 * @scale), @customers = ROUND(200000 * @scale);
SET @sql = CONCAT("INSERT INTO orders
  SELECT seq, 1 + (seq * 7919) % ", CONVERT(@customers USING utf8mb4), ", TIMESTAMP '2019-01-01 00:00:00' + INTERVAL seq * 431 SECOND,
    IF(seq % 5 = 0, NULL, TIMESTAMP '2019-01-02 06:00:00' + INTERVAL seq * 431 SECOND + INTERVAL seq % 1000000 MICROSECOND),
    ELT(1 + seq % 5, 'new', 'paid', 'shipped', 'returned', 'cancelled'), 5 + (seq * 104729) % 90000 / 100,
    ELT(1 + (seq * 5) % 9, 'EUR', 'EUR', 'GBP', 'EUR', 'EUR', 'USD', 'SEK', 'JPY', 'EUR'),
    UNHEX(LPAD(HEX(seq * 2654435761 % 4294967296), 8, '0')),
    ELT(1 + seq % 9, NULL, NULL, NULL, NULL, NULL, '', 'Please ring twice', 'Bitte beim Nachbarn abgeben — danke!', 'Gift 🎁, no invoice')
  FROM seq_1_to_", CONVERT(@n USING utf8mb4));
EXECUTE IMMEDIATE @sql;

CREATE TABLE order_items (
  order_id BIGINT NOT NULL,
  line TINYINT UNSIGNED NOT NULL,
  product_id INT NOT NULL,
  quantity SMALLINT NOT NULL,
  unit_price DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (order_id, line)
);
SET @sql = CONCAT("INSERT INTO order_items
  SELECT o.seq, l.seq, 1 + (o.seq * 31 + l.seq * 7) % ", CONVERT(ROUND(20000 * @scale) USING utf8mb4), ", 1 + (o.seq + l.seq) % 4, 3 + (o.seq * 7919 + l.seq) % 15000 / 100
  FROM seq_1_to_", CONVERT(@n USING utf8mb4), " AS o JOIN seq_1_to_3 AS l");
EXECUTE IMMEDIATE @sql;

CREATE TABLE payments (
  id BINARY(16) NOT NULL PRIMARY KEY COMMENT 'as the provider gave it',
  order_id BIGINT NOT NULL,
  method ENUM('card', 'invoice', 'wallet', 'bank') NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  paid_at TIMESTAMP NULL,
  KEY (order_id)
);
SET @sql = CONCAT("INSERT INTO payments
  SELECT UNHEX(CONCAT(LPAD(HEX(seq), 16, '0'), LPAD(HEX(seq * 2654435761), 16, '0'))), seq, ELT(1 + seq % 4, 'card', 'invoice', 'wallet', 'bank'),
    5 + (seq * 104729) % 90000 / 100, IF(seq % 50 = 0, NULL, TIMESTAMP '2019-01-01 01:00:00' + INTERVAL seq * 431 SECOND)
  FROM seq_1_to_", CONVERT(ROUND(150000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;

CREATE TABLE reviews (
  product_id INT NOT NULL,
  customer_id BIGINT UNSIGNED NOT NULL,
  stars TINYINT NOT NULL,
  `text` TEXT NOT NULL,
  written_at DATETIME NOT NULL,
  verified BIT(1) NOT NULL,
  PRIMARY KEY (product_id, customer_id)
);
SET @sql = CONCAT("INSERT IGNORE INTO reviews
  SELECT 1 + seq * 7 % ", CONVERT(ROUND(20000 * @scale) USING utf8mb4), ", 1 + seq, 1 + seq % 5,
    CONCAT(ELT(1 + seq % 5, 'Never again.', 'It is \"ok\", I guess…', 'Does what it says', 'Très bien !', 'すばらしい ★★★★★'),
      IF(seq % 3 = 0, CONCAT(CHAR(10), 'Bought it for ', seq % 70, ' people,', CHAR(9), 'all happy.'), '')),
    TIMESTAMP '2020-01-01 00:00:00' + INTERVAL seq * 977 SECOND, seq % 2
  FROM seq_1_to_", CONVERT(ROUND(100000 * @scale) USING utf8mb4));
EXECUTE IMMEDIATE @sql;
