#include <cstdio>

int main() {
  std::puts("starlift");
  return 0;
}
