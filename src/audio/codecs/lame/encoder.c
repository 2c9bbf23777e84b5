/* A mono encoder of MP3 at a constant bit rate around LAME, with buffers for one call: one or two frames of samples. */
#include <lame/lame.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(name)))
/* Two frames of MPEG-2 Layer III. */
#define MOST_SAMPLES 1152
/* What LAME asks for: 1.25 * samples + 7200. */
#define MOST_BYTES 8640

struct encoder {
  lame_global_flags *lame;
  float input[MOST_SAMPLES];
  unsigned char output[MOST_BYTES];
};

EXPORT("enc_free") void enc_free(struct encoder *encoder) {
  if (encoder->lame) lame_close(encoder->lame);
  free(encoder);
}

/* Quality: 0 (best) to 9 (fastest). Returns 0 when there is no memory or LAME refuses the settings. */
EXPORT("enc_init") struct encoder *enc_init(int rate, int kilobits, int quality) {
  struct encoder *encoder = calloc(1, sizeof *encoder);
  if (!encoder) return NULL;
  lame_global_flags *lame = encoder->lame = lame_init();
  if (lame) {
    lame_set_num_channels(lame, 1);
    lame_set_in_samplerate(lame, rate);
    lame_set_out_samplerate(lame, rate);
    lame_set_VBR(lame, vbr_off);
    lame_set_brate(lame, kilobits);
    lame_set_quality(lame, quality);
    lame_set_bWriteVbrTag(lame, 0);
    lame_set_write_id3tag_automatic(lame, 0);
    if (lame_init_params(lame) >= 0) return encoder;
  }
  enc_free(encoder);
  return NULL;
}

EXPORT("enc_most_samples") int enc_most_samples(void) { return MOST_SAMPLES; }

EXPORT("enc_input") float *enc_input(struct encoder *encoder) { return encoder->input; }

EXPORT("enc_output") unsigned char *enc_output(struct encoder *encoder) { return encoder->output; }

/* Encodes samples of the input. Returns the number of bytes in the output, or an error below 0. */
EXPORT("enc_encode") int enc_encode(struct encoder *encoder, int samples) {
  return lame_encode_buffer_ieee_float(encoder->lame, encoder->input, encoder->input, samples, encoder->output, MOST_BYTES);
}

EXPORT("enc_flush") int enc_flush(struct encoder *encoder) {
  return lame_encode_flush(encoder->lame, encoder->output, MOST_BYTES);
}
