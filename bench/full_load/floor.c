/* The floor of a full load: reads one table unbuffered with libmariadb and throws the rows away.
 * What a program does beyond this, it does on top of it.
 *
 *   bench_floor HOST PORT USER PASSWORD DATABASE TABLE [COLUMNS]
 *
 * prints one line of JSON: rows, bytes (of the cells), seconds, CPU-seconds. */
#define _GNU_SOURCE
#include <sys/resource.h>

#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double Seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double CpuSeconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

static double Now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int Fail(MYSQL* connection) {
  fprintf(stderr, "bench_floor: %s\n", mysql_error(connection));
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 7) {
    fprintf(stderr, "usage: bench_floor HOST PORT USER PASSWORD DATABASE TABLE [COLUMNS]\n");
    return 2;
  }
  MYSQL* connection = mysql_init(NULL);
  mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(connection, argv[1], argv[3], argv[4], argv[5], (unsigned)atoi(argv[2]),
                         NULL, 0) == NULL) {
    return Fail(connection);
  }
  char* query = NULL;
  if (asprintf(&query, "SELECT %s FROM `%s`", argc > 7 ? argv[7] : "*", argv[6]) < 0) return 1;

  const double begin = Now();
  const double cpu_begin = CpuSeconds();
  if (mysql_query(connection, query) != 0) return Fail(connection);
  MYSQL_RES* result = mysql_use_result(connection);
  if (result == NULL) return Fail(connection);
  const unsigned columns = mysql_num_fields(result);
  unsigned long long rows = 0;
  unsigned long long bytes = 0;
  while (mysql_fetch_row(result) != NULL) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    for (unsigned i = 0; i < columns; ++i) bytes += lengths[i];
    ++rows;
  }
  if (mysql_errno(connection) != 0) return Fail(connection);
  const double cpu = CpuSeconds() - cpu_begin;
  const double wall = Now() - begin;
  printf(
      "{\"rows\": %llu, \"bytes\": %llu, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
      "\"rows_per_second\": %.0f}\n",
      rows, bytes, wall, cpu, (double)rows / wall);
  mysql_free_result(result);
  mysql_close(connection);
  free(query);
  return 0;
}
