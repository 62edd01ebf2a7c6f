#include "sandbox/frontend/user_store.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "sandbox/storage/test_home.h"

namespace starlift::sandbox::frontend {
namespace {

std::string Sha1(const std::string& text) {
  std::string digest(20, '\0');
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
             EVP_sha1(), nullptr);
  return digest;
}

class UserStoreTest : public testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    users_.reset();
    storage_.reset();
    StorageOptions options;
    options.home = home_.path();
    storage_ = std::move(*Storage::Open(options));
    users_ = std::move(*UserStore::Open(storage_.get()));
  }

  TestHome home_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<UserStore> users_;
};

TEST_F(UserStoreTest, RootHasNoPasswordAndEveryPrivilege) {
  EXPECT_TRUE(users_->CheckPassword("root", ""));
  EXPECT_FALSE(users_->CheckPassword("root", "x"));
  EXPECT_TRUE(users_->HasPrivilege("root", "INSERT", GrantObject::kTable, "d", "t"));
  EXPECT_TRUE(users_->HasPrivilege("root", "OPERATE", GrantObject::kSystem));
  EXPECT_FALSE(users_->CheckPassword("nobody", ""));
}

TEST_F(UserStoreTest, PasswordsAndGrantsSurviveARestart) {
  Principal user;
  user.name = "loader";
  user.password_hash = NativePasswordHash("secret");
  user.grants[{GrantObject::kTable, "d", "t"}]["INSERT"] = false;
  ASSERT_TRUE(users_->PutUser(user).ok());
  Reopen();
  EXPECT_TRUE(users_->CheckPassword("loader", "secret"));
  EXPECT_TRUE(users_->CheckPassword("loader@somewhere", "secret"));
  EXPECT_FALSE(users_->CheckPassword("loader", ""));
  EXPECT_TRUE(users_->RequireTablePrivilege("loader", "INSERT", "d", "t").ok());
  auto denied = users_->RequireTablePrivilege("loader", "SELECT", "d", "t");
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().native_code, 5203);
  EXPECT_TRUE(users_->CanSeeDatabase("loader", "d"));
  EXPECT_FALSE(users_->CanSeeDatabase("loader", "e"));
  ASSERT_TRUE(users_->DropUser("loader").ok());
  Reopen();
  EXPECT_FALSE(users_->HasUser("loader"));
}

TEST_F(UserStoreTest, ScrambledPasswords) {
  Principal user;
  user.name = "u";
  user.password_hash = NativePasswordHash("pw");
  ASSERT_TRUE(users_->PutUser(user).ok());
  const std::string scramble = "abcdefghijklmnopqrst";
  std::string response = Sha1("pw");
  const std::string mask = Sha1(scramble + Sha1(Sha1("pw")));
  for (size_t i = 0; i < response.size(); ++i)
    response[i] = static_cast<char>(response[i] ^ mask[i]);
  EXPECT_TRUE(users_->CheckScramble("u", scramble, response));
  response[3] ^= 1;
  EXPECT_FALSE(users_->CheckScramble("u", scramble, response));
  EXPECT_FALSE(users_->CheckScramble("u", scramble, ""));
  EXPECT_TRUE(users_->CheckScramble("root", scramble, ""));
}

TEST_F(UserStoreTest, RolesPassTheirPrivilegesOn) {
  Principal role;
  role.name = "readers";
  role.grants[{GrantObject::kTable, "d", ""}]["SELECT"] = false;  // all tables of d
  ASSERT_TRUE(users_->PutRole(role).ok());
  Principal user;
  user.name = "u";
  user.roles = {"readers"};
  ASSERT_TRUE(users_->PutUser(user).ok());
  EXPECT_TRUE(users_->HasPrivilege("u", "SELECT", GrantObject::kTable, "d", "any"));
  EXPECT_FALSE(users_->HasPrivilege("u", "SELECT", GrantObject::kTable, "e", "any"));
  EXPECT_FALSE(users_->HasPrivilege("u", "INSERT", GrantObject::kTable, "d", "any"));
}

}  // namespace
}  // namespace starlift::sandbox::frontend
