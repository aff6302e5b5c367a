#ifndef ROOST_COPENSSL_H
#define ROOST_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What OpenSSL offers as macros only, which Swift can't see. */

static inline int roost_ctx_set_versions(SSL_CTX *ctx, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(ctx, lowest) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, highest) == 1;
}

static inline void roost_ctx_set_mode(SSL_CTX *ctx, long mode) {
    SSL_CTX_set_mode(ctx, mode);
}

static inline void roost_ctx_set_session_cache_off(SSL_CTX *ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

static const uint64_t roost_op_no_compression = SSL_OP_NO_COMPRESSION;
static const uint64_t roost_op_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t roost_op_no_ticket = SSL_OP_NO_TICKET;

static inline int roost_ctx_set_groups(SSL_CTX *ctx, const char *names) {
    return SSL_CTX_set1_groups_list(ctx, names) == 1;
}

static inline int roost_ctx_add_chain_certificate(SSL_CTX *ctx, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(ctx, certificate) == 1;
}

static inline int roost_ssl_set_server_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static const uint64_t roost_op_no_query_mtu = SSL_OP_NO_QUERY_MTU;
static const uint64_t roost_op_prefer_own_ciphers = SSL_OP_CIPHER_SERVER_PREFERENCE;

static inline void roost_ctx_read_whole_datagrams(SSL_CTX *ctx) { SSL_CTX_set_read_ahead(ctx, 1); }

static inline int roost_dtls_set_mtu(SSL *ssl, long mtu) { return SSL_set_mtu(ssl, mtu) == mtu; }

/* Microseconds until the last flight is due again; -1 if none is. */
static inline int64_t roost_dtls_timeout(SSL *ssl) {
    struct timeval left;
    if (DTLSv1_get_timeout(ssl, &left) != 1) return -1;
    return (int64_t)left.tv_sec * 1000000 + left.tv_usec;
}

static inline int roost_dtls_handle_timeout(SSL *ssl) { return DTLSv1_handle_timeout(ssl); }

/* SHA-1 from a state that was kept, over whole blocks. OpenSSL calls this low-level and deprecated;
   what it offers instead copies a context with two allocations for every message. */

static inline void roost_sha1_blocks(uint32_t state[5], const void *blocks, size_t count) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    SHA_CTX sha;
    sha.h0 = state[0], sha.h1 = state[1], sha.h2 = state[2], sha.h3 = state[3], sha.h4 = state[4];
    sha.Nl = sha.Nh = sha.num = 0;
    SHA1_Update(&sha, blocks, count * 64);
    state[0] = sha.h0, state[1] = sha.h1, state[2] = sha.h2, state[3] = sha.h3, state[4] = sha.h4;
#pragma GCC diagnostic pop
}

static inline int roost_hmac_init(EVP_MAC_CTX *ctx, const unsigned char *key, size_t count,
                                  int is_sha256) {
    char sha1[] = "SHA1", sha256[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, is_sha256 ? sha256 : sha1, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(ctx, key, count, parameters) == 1;
}

/* The tag of GCM, by parameters made on the spot: EVP_CIPHER_CTX_ctrl makes the same ones, slower. */

static inline int roost_gcm_get_tag(EVP_CIPHER_CTX *ctx, void *tag, size_t count) {
    OSSL_PARAM parameters[] = {
        {OSSL_CIPHER_PARAM_AEAD_TAG, OSSL_PARAM_OCTET_STRING, tag, count, OSSL_PARAM_UNMODIFIED},
        {NULL, 0, NULL, 0, 0},
    };
    return EVP_CIPHER_CTX_get_params(ctx, parameters) == 1;
}

static inline int roost_gcm_set_tag(EVP_CIPHER_CTX *ctx, const void *tag, size_t count) {
    OSSL_PARAM parameters[] = {
        {OSSL_CIPHER_PARAM_AEAD_TAG, OSSL_PARAM_OCTET_STRING, (void *)tag, count,
         OSSL_PARAM_UNMODIFIED},
        {NULL, 0, NULL, 0, 0},
    };
    return EVP_CIPHER_CTX_set_params(ctx, parameters) == 1;
}

static inline EVP_PKEY *roost_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline EVP_PKEY *roost_generate_ed25519(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
}

static inline GENERAL_NAMES *roost_names_new(void) { return sk_GENERAL_NAME_new_null(); }

static inline int roost_names_push(GENERAL_NAMES *names, GENERAL_NAME *name) {
    return sk_GENERAL_NAME_push(names, name) > 0;
}

static inline int roost_names_count(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline GENERAL_NAME *roost_names_get(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

/* The heap, and whole pages of it, for a program that gives OpenSSL its memory. */

static inline void *roost_heap_take(size_t size) { return malloc(size); }

static inline void *roost_heap_resize(void *block, size_t size) { return realloc(block, size); }

static inline void roost_heap_give_back(void *block) { free(block); }

/* Whole pages for so many bytes, to be given back like any other memory; the size becomes theirs. */
static inline void *roost_pages_take(size_t *size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *pages = NULL;
    *size = (*size + page - 1) / page * page;
    return posix_memalign(&pages, page, *size) == 0 ? pages : NULL;
}

static inline int roost_is_page_aligned(const void *block) { return ((uintptr_t)block & 4095) == 0; }

static inline void roost_pages_forget(void *pages, size_t size) {
    madvise(pages, size, MADV_DONTNEED);
}

static inline size_t roost_pages_resident(void *pages, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = size / page, resident = 0;
    unsigned char states[64];
    if (count > sizeof states || mincore(pages, size, states) != 0) return size;
    for (size_t index = 0; index < count; index++) resident += (states[index] & 1) ? page : 0;
    return resident;
}

/* Whether it is OpenSSL's file of growing buffers that asks for memory. */
static inline int roost_is_buffer_source(const char *file) {
    static const char name[] = "buffer/buffer.c";
    size_t length = strlen(file), count = sizeof name - 1;
    return length >= count && memcmp(file + length - count, name, count) == 0;
}

static inline int roost_thread_key(pthread_key_t *key) { return pthread_key_create(key, NULL); }

static inline void roost_thread_set(pthread_key_t key, const void *value) {
    pthread_setspecific(key, value);
}

static inline void *roost_thread_get(pthread_key_t key) { return pthread_getspecific(key); }

#endif
