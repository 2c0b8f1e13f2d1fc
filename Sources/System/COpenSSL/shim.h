#pragma once
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Composed macros that Swift does not import.
enum { CCCD_EVP_PKEY_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY };
/// RFC 2253, but with UTF-8 left readable.
static const unsigned long CCCD_NAME_FLAGS = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;

// Names of parameters. OSSL_PARAM keeps the pointer, so it must not be that of a Swift string.
static const char *const CCCD_PARAM_GROUP_NAME = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const CCCD_PARAM_PUB_KEY = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const CCCD_PARAM_CIPHER = OSSL_MAC_PARAM_CIPHER;
static const char *const CCCD_PARAM_DIGEST = OSSL_MAC_PARAM_DIGEST;
