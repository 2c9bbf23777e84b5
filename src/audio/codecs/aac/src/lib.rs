//! Encodes mono samples as AAC-LC frames. The host cuts the signal into stretches and frames the result.
//!
//! The host writes samples (float32 in [-1, 1]) to `input(length)` and calls `encode`, which returns how many frames the stretch has, one more than
//! its blocks of 1024 samples. Frame `n` covers blocks `n - 1` and `n` of the stretch. `size(n)` is its length in bytes, and `output()` holds all frames end to end.

use std::cell::RefCell;

use rusty_aac::{AacEncoder, AacEncoderConfig};

#[derive(Default)]
struct State {
    input: Vec<f32>,
    output: Vec<u8>,
    sizes: Vec<u32>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Room for samples.
#[no_mangle]
pub extern "C" fn input(length: u32) -> *mut f32 {
    STATE.with_borrow_mut(|state| {
        state.input.resize(length as usize, 0.0);
        state.input.as_mut_ptr()
    })
}

/// Encodes the samples in the input. Returns the number of frames, or -1 for a rate that AAC does not have.
#[no_mangle]
pub extern "C" fn encode(rate: u32, bitrate: u32) -> i32 {
    STATE.with_borrow_mut(|state| {
        state.output.clear();
        state.sizes.clear();
        let mut encoder = AacEncoder::new(AacEncoderConfig {
            bitrate_bps: bitrate,
            // The relative detector compares with the mean of all that is encoded together, so it would depend on how the host cuts.
            relative_transients: false,
            ..AacEncoderConfig::default()
        });
        if encoder.push_pcm(&state.input, 1, rate).is_err() {
            return -1;
        }
        encoder.finish();
        while let Ok(packet) = encoder.next_packet() {
            state.output.extend_from_slice(&packet.data);
            state.sizes.push(packet.data.len() as u32);
        }
        state.sizes.len() as i32
    })
}

/// Bytes of a frame of the last stretch.
#[no_mangle]
pub extern "C" fn size(frame: u32) -> u32 {
    STATE.with_borrow(|state| state.sizes.get(frame as usize).copied().unwrap_or(0))
}

/// The frames of the last stretch.
#[no_mangle]
pub extern "C" fn output() -> *const u8 {
    STATE.with_borrow(|state| state.output.as_ptr())
}
