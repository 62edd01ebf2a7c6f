package io.starlift.judges;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What Java programs do with a StarRocks frontend: log in, DDL, inserts, queries, metadata, errors. Args: JDBC URL. */
public final class Jdbc {
    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void main(String[] args) throws Exception {
        try (Connection connection = DriverManager.getConnection(args[0], "root", "")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE IF NOT EXISTS jdbc_judge");
                statement.execute("USE jdbc_judge");
                statement.execute("DROP TABLE IF EXISTS t");
                statement.execute("CREATE TABLE t (id BIGINT NOT NULL, flag BOOLEAN, amount DECIMAL(12, 2), moment DATETIME,"
                        + " name VARCHAR(50)) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) PROPERTIES ('replication_num' = '1')");
                check(statement.executeUpdate("INSERT INTO t VALUES (1, true, 1.50, '2024-02-29 12:34:56', 'eins'),"
                        + " (2, false, NULL, NULL, NULL)") == 2, "rows inserted");
            }
            connection.setCatalog("jdbc_judge");
            queries(connection);
            metadata(connection);
            errors(connection);
        }
        System.out.println("judged");
    }

    private static void queries(Connection connection) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement("SELECT * FROM t WHERE id = ? OR name = ? ORDER BY id")) {
            prepared.setLong(1, 1);
            prepared.setString(2, "zwei");
            try (ResultSet rows = prepared.executeQuery()) {
                check(rows.next(), "a row");
                check(rows.getLong("id") == 1, "id");
                check(rows.getBoolean("flag"), "flag");
                check(rows.getBigDecimal("amount").toPlainString().equals("1.50"), "amount");
                check(rows.getTimestamp("moment").toString().startsWith("2024-02-29 12:34:56"), "moment");
                check(rows.getString("name").equals("eins"), "name");
                check(!rows.next(), "one row only");
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.setMaxRows(1);
            try (ResultSet rows = statement.executeQuery("SELECT id FROM t ORDER BY id")) {
                check(rows.next() && !rows.next(), "max rows");
            }
        }
        check(connection.isValid(5), "isValid");
    }

    private static void metadata(Connection connection) throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        check(metadata.getDatabaseProductVersion().startsWith("8.0.33"), "version " + metadata.getDatabaseProductVersion());
        int tables = 0;
        try (ResultSet rows = metadata.getTables("jdbc_judge", null, "%", null)) {
            while (rows.next()) {
                check(rows.getString("TABLE_NAME").equals("t"), "table name");
                tables++;
            }
        }
        check(tables == 1, "one table, not " + tables);
        StringBuilder columns = new StringBuilder();
        try (ResultSet rows = metadata.getColumns("jdbc_judge", null, "t", "%")) {
            while (rows.next()) {
                columns.append(rows.getString("COLUMN_NAME")).append(' ');
            }
        }
        check(columns.toString().equals("id flag amount moment name "), "columns " + columns);
        try (ResultSet rows = metadata.getCatalogs()) {
            boolean found = false;
            while (rows.next()) {
                found |= rows.getString(1).equals("jdbc_judge");
            }
            check(found, "catalogs");
        }
    }

    private static void errors(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM nosuch");
            throw new AssertionError("an unknown table was read");
        } catch (SQLException e) {
            check(e.getErrorCode() == 5502, "error code " + e.getErrorCode());
            check(e.getSQLState().equals("42602"), "SQLSTATE " + e.getSQLState());
        }
    }
}
