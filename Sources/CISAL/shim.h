// ISA-L's inflate behind a pointer: its state is a structure too large for Swift to import whole.
#include <isa-l.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/// A decoder at the start of a gzip member; NULL without memory. free() it.
static inline void *cisal_create(void) {
    struct inflate_state *state = (struct inflate_state *)malloc(sizeof(struct inflate_state));
    if (state == NULL) return NULL;
    isal_inflate_init(state);
    state->crc_flag = ISAL_GZIP;
    return state;
}

/// Makes the decoder ready for the next member.
static inline void cisal_restart(void *decoder) {
    struct inflate_state *state = (struct inflate_state *)decoder;
    isal_inflate_reset(state);
    state->crc_flag = ISAL_GZIP;
}

/// Decodes; the counts are changed to what is left of each buffer. Returns 0, or ISA-L's negative error.
static inline int cisal_inflate(void *decoder, const uint8_t *input, size_t *input_left, uint8_t *output,
                                size_t *output_left, bool *finished) {
    struct inflate_state *state = (struct inflate_state *)decoder;
    state->next_in = (uint8_t *)input;
    state->avail_in = (uint32_t)*input_left;
    state->next_out = output;
    state->avail_out = (uint32_t)*output_left;
    int result = isal_inflate(state);
    *input_left = state->avail_in;
    *output_left = state->avail_out;
    *finished = state->block_state == ISAL_BLOCK_FINISH;
    return result < 0 ? result : 0;
}
