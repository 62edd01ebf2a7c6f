#pragma once

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <string>

#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace starlift::wire::testing {

// A self-signed certificate for "localhost", in files that live as long as the object.
class Certificate {
 public:
  Certificate() {
    folder_ = std::filesystem::temp_directory_path() /
              ("starlift_tls_" + std::to_string(getpid()) + "_" + std::to_string(next_++));
    std::filesystem::create_directories(folder_);
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = fopen(certificate_file().c_str(), "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    file = fopen(key_file().c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }

  std::string certificate_file() const { return folder_ / "certificate.pem"; }
  std::string key_file() const { return folder_ / "key.pem"; }

 private:
  inline static std::atomic<int> next_{0};
  std::filesystem::path folder_;
};

}  // namespace starlift::wire::testing
