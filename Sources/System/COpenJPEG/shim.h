#pragma once
#include <openjpeg.h>

// The parameters hold two paths of 4096 characters, which Swift would import as tuples of as many elements.
static inline OPJ_BOOL cccd_opj_setup_decoder(opj_codec_t *codec) {
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    // Palettes and channel definitions are refused or left aside before; their code need not run.
    parameters.flags |= OPJ_DPARAMETERS_IGNORE_PCLR_CMAP_CDEF_FLAG;
    return opj_setup_decoder(codec, &parameters);
}
