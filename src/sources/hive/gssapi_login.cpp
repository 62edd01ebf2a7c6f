#include "sources/hive/gssapi_login.h"

#include <algorithm>
#include <utility>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <openssl/evp.h>

namespace starlift::hive {
namespace {

std::string Describe(OM_uint32 status, int kind) {
  OM_uint32 minor = 0, more = 0;
  gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
  gss_display_status(&minor, status, kind, GSS_C_NO_OID, &more, &text);
  std::string described(static_cast<const char*>(text.value), text.length);
  gss_release_buffer(&minor, &text);
  return described;
}

Error GssError(OM_uint32 major, OM_uint32 minor) {
  return Error{.kind = ErrorKind::kRefused,
               .message = "Kerberos: " + Describe(major, GSS_C_GSS_CODE) + ": " +
                          Describe(minor, GSS_C_MECH_CODE),
               .mend = "get a ticket: kinit -kt KEYTAB PRINCIPAL; klist shows what there is"};
}

gss_buffer_desc View(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string Take(gss_buffer_desc& buffer) {
  std::string bytes(static_cast<const char*>(buffer.value), buffer.length);
  OM_uint32 minor = 0;
  gss_release_buffer(&minor, &buffer);
  return bytes;
}

// RFC 4752: the layers that we take in the first byte, then the longest message of one.
constexpr char kNoSecurityLayer = 1;

}  // namespace

struct GssapiLogin::State {
  gss_name_t server = GSS_C_NO_NAME;
  gss_ctx_id_t context = GSS_C_NO_CONTEXT;
  bool established = false;
  bool done = false;

  ~State() {
    OM_uint32 minor = 0;
    if (context != GSS_C_NO_CONTEXT) gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    if (server != GSS_C_NO_NAME) gss_release_name(&minor, &server);
  }

  Result<std::string> Establish(std::string_view challenge) {
    gss_buffer_desc in = View(challenge);
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, &context, server, const_cast<gss_OID>(gss_mech_krb5),
        GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, &out,
        nullptr, nullptr);
    if (GSS_ERROR(major)) return GssError(major, minor);
    established = major == GSS_S_COMPLETE;
    return Take(out);
  }

  // The server offers its layers; we take none, as the line may be TLS.
  Result<std::string> ChooseLayer(std::string_view challenge) {
    gss_buffer_desc in = View(challenge);
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    OM_uint32 major = gss_unwrap(&minor, context, &in, &out, nullptr, nullptr);
    if (GSS_ERROR(major)) return GssError(major, minor);
    const std::string offer = Take(out);
    if (offer.empty() || (offer[0] & kNoSecurityLayer) == 0) {
      return Error{.kind = ErrorKind::kRefused,
                   .message =
                       "the server wants every message signed or encrypted by Kerberos "
                       "(hive.server2.thrift.sasl.qop), which can't be done yet",
                   .mend = "hive.server2.thrift.sasl.qop=auth at the server, or TLS"};
    }
    const std::string answer = {kNoSecurityLayer, 0, 0, 0};
    gss_buffer_desc plain = View(answer);
    major = gss_wrap(&minor, context, 0, GSS_C_QOP_DEFAULT, &plain, nullptr, &out);
    if (GSS_ERROR(major)) return GssError(major, minor);
    done = true;
    return Take(out);
  }
};

GssapiLogin::GssapiLogin(std::unique_ptr<State> state) : state_(std::move(state)) {}
GssapiLogin::~GssapiLogin() = default;
GssapiLogin::GssapiLogin(GssapiLogin&&) noexcept = default;
GssapiLogin& GssapiLogin::operator=(GssapiLogin&&) noexcept = default;

Result<GssapiLogin> GssapiLogin::Begin(const std::string& principal) {
  auto state = std::make_unique<State>();
  // A host-based service: "hive@hs2.example"; the realm is the library's to find.
  std::string service = principal;
  std::replace(service.begin(), service.end(), '/', '@');
  gss_buffer_desc name = View(service);
  OM_uint32 minor = 0;
  const OM_uint32 major =
      gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &state->server);
  if (GSS_ERROR(major)) return GssError(major, minor);
  return GssapiLogin(std::move(state));
}

Result<std::string> GssapiLogin::Step(std::string_view challenge) {
  if (state_->established) return state_->ChooseLayer(challenge);
  return state_->Establish(challenge);
}

bool GssapiLogin::done() const { return state_->done; }

Result<std::string> GssapiLogin::HttpHeader() {
  SL_ASSIGN(const std::string token, state_->Establish(""));
  std::string encoded((token.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(token.data()),
                                     static_cast<int>(token.size()));
  encoded.resize(static_cast<size_t>(length));
  return "Negotiate " + encoded;
}

}  // namespace starlift::hive
