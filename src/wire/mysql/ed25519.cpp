#include "wire/mysql/ed25519.h"

#include <array>
#include <initializer_list>
#include <memory>

#include <openssl/bn.h>
#include <openssl/sha.h>

namespace starlift::wire::mysql {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr int kScalarBits = 256;

struct Release {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, Release>;

Number FromDecimal(const char* digits) {
  BIGNUM* number = nullptr;
  BN_dec2bn(&number, digits);
  return Number(number);
}

std::array<unsigned char, SHA512_DIGEST_LENGTH> Sha512(
    std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) joined.append(part);
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest;
  SHA512(reinterpret_cast<const unsigned char*>(joined.data()), joined.size(), digest.data());
  OPENSSL_cleanse(joined.data(), joined.size());
  return digest;
}

// The twisted Edwards curve −x² + y² = 1 + d·x²·y² over the field of 2²⁵⁵ − 19, RFC 8032
// section 5.1. Points are in homogeneous coordinates (x = X/Z, y = Y/Z).
class Curve {
 public:
  struct Point {
    Number x{BN_new()}, y{BN_new()}, z{BN_new()};
  };

  Curve()
      : context_(BN_CTX_new()),
        prime_(FromDecimal(
            "57896044618658097711785492504343953926634992332820282019728792003956564819949")),
        order_(FromDecimal(
            "7237005577332262213973186563042994240857116359379907606001950938285454250989")),
        d_(FromDecimal(
            "37095705934669439343138083508754565189542113879843219016388785533085940283555")) {}

  const BIGNUM* order() const { return order_.get(); }
  BN_CTX* context() const { return context_.get(); }

  // `scalar` times the base point, in 32-byte encoded form: y with the sign of x in the top bit.
  std::string MultiplyBase(const BIGNUM* scalar) {
    Point base;
    base.x = FromDecimal(
        "15112221349535400772501151409588531511454012693041857206046113283949847762202");
    base.y = FromDecimal(
        "46316835694926478169428394003475163141307993866256225615783033603165251855960");
    BN_one(base.z.get());
    Point sum, next;
    BN_zero(sum.x.get());
    BN_one(sum.y.get());
    BN_one(sum.z.get());
    // Adds at every bit and keeps the sum or not, so that the number of steps tells nothing of the
    // secret. BIGNUM itself is not hardened further.
    for (int bit = kScalarBits - 1; bit >= 0; --bit) {
      Add(sum, sum, next);
      std::swap(sum, next);
      Add(sum, base, next);
      if (BN_is_bit_set(scalar, bit) != 0) std::swap(sum, next);
    }
    return Encode(sum);
  }

 private:
  // The complete addition law of projective twisted Edwards curves with a = −1 (Bernstein, Birkner,
  // Joye, Lange, Peters 2008), good for doubling too.
  void Add(const Point& p, const Point& q, Point& sum) {
    Number a(BN_new()), b(BN_new()), c(BN_new()), d(BN_new()), e(BN_new()), f(BN_new()),
        g(BN_new()), h(BN_new());
    Multiply(a, p.z, q.z);
    Multiply(b, a, a);
    Multiply(c, p.x, q.x);
    Multiply(d, p.y, q.y);
    Multiply(e, c, d);
    Multiply(e, e, d_);
    BN_mod_sub(f.get(), b.get(), e.get(), prime_.get(), context());
    BN_mod_add(g.get(), b.get(), e.get(), prime_.get(), context());
    Number left(BN_new()), right(BN_new());
    BN_mod_add(left.get(), p.x.get(), p.y.get(), prime_.get(), context());
    BN_mod_add(right.get(), q.x.get(), q.y.get(), prime_.get(), context());
    Multiply(h, left, right);
    BN_mod_sub(h.get(), h.get(), c.get(), prime_.get(), context());
    BN_mod_sub(h.get(), h.get(), d.get(), prime_.get(), context());
    Multiply(sum.x, a, f);
    Multiply(sum.x, sum.x, h);
    Number y_part(BN_new());
    BN_mod_add(y_part.get(), d.get(), c.get(), prime_.get(), context());
    Multiply(sum.y, a, g);
    Multiply(sum.y, sum.y, y_part);
    Multiply(sum.z, f, g);
  }

  void Multiply(const Number& product, const Number& left, const Number& right) {
    BN_mod_mul(product.get(), left.get(), right.get(), prime_.get(), context());
  }

  std::string Encode(const Point& point) {
    Number inverse(BN_mod_inverse(nullptr, point.z.get(), prime_.get(), context()));
    Number x(BN_new()), y(BN_new());
    Multiply(x, point.x, inverse);
    Multiply(y, point.y, inverse);
    std::string encoded(kKeyBytes, '\0');
    BN_bn2lebinpad(y.get(), reinterpret_cast<unsigned char*>(encoded.data()), kKeyBytes);
    if (BN_is_odd(x.get())) encoded.back() = static_cast<char>(encoded.back() | 0x80);
    return encoded;
  }

  std::unique_ptr<BN_CTX, Release> context_;
  Number prime_, order_, d_;
};

Number FromBytes(const unsigned char* little_endian, size_t bytes) {
  return Number(BN_lebin2bn(little_endian, static_cast<int>(bytes), nullptr));
}

// The secret scalar: the hash's first half with the bits set that RFC 8032 5.1.5 asks for.
Number SecretScalar(std::array<unsigned char, SHA512_DIGEST_LENGTH> hash) {
  hash[0] &= 0xF8;
  hash[31] &= 0x7F;
  hash[31] |= 0x40;
  Number scalar = FromBytes(hash.data(), kKeyBytes);
  OPENSSL_cleanse(hash.data(), hash.size());
  return scalar;
}

std::string_view View(const std::array<unsigned char, SHA512_DIGEST_LENGTH>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string Ed25519PublicKey(std::string_view password) {
  return Curve().MultiplyBase(SecretScalar(Sha512({password})).get());
}

std::string SignEd25519(std::string_view password, std::string_view message) {
  Curve curve;
  auto hash = Sha512({password});
  const Number secret = SecretScalar(hash);
  const std::string public_key = curve.MultiplyBase(secret.get());

  const auto nonce_hash = Sha512({View(hash).substr(kKeyBytes), message});
  OPENSSL_cleanse(hash.data(), hash.size());
  Number nonce = FromBytes(nonce_hash.data(), nonce_hash.size());
  BN_nnmod(nonce.get(), nonce.get(), curve.order(), curve.context());
  const std::string commitment = curve.MultiplyBase(nonce.get());

  const auto challenge_hash = Sha512({commitment, public_key, message});
  const Number challenge = FromBytes(challenge_hash.data(), challenge_hash.size());
  Number answer(BN_new());
  BN_mod_mul(answer.get(), challenge.get(), secret.get(), curve.order(), curve.context());
  BN_mod_add(answer.get(), answer.get(), nonce.get(), curve.order(), curve.context());
  std::string signature = commitment;
  signature.resize(2 * kKeyBytes);
  BN_bn2lebinpad(answer.get(), reinterpret_cast<unsigned char*>(signature.data() + kKeyBytes),
                 kKeyBytes);
  return signature;
}

}  // namespace starlift::wire::mysql
