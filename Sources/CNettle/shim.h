#include <nettle/version.h>
#include <nettle/sha2.h>

// Nettle 4 takes no length; the whole digest is what is wanted of either.
#if defined(NETTLE_VERSION_MAJOR) && NETTLE_VERSION_MAJOR >= 4
static inline void cnettle_sha256_finish(struct sha256_ctx *context, uint8_t *digest) { sha256_digest(context, digest); }
static inline void cnettle_sha512_finish(struct sha512_ctx *context, uint8_t *digest) { sha512_digest(context, digest); }
#else
static inline void cnettle_sha256_finish(struct sha256_ctx *context, uint8_t *digest) {
    sha256_digest(context, SHA256_DIGEST_SIZE, digest);
}
static inline void cnettle_sha512_finish(struct sha512_ctx *context, uint8_t *digest) {
    sha512_digest(context, SHA512_DIGEST_SIZE, digest);
}
#endif
