//! Decodes the packets of one recording at a time as mono samples. Containers are read by the host.
//!
//! The host writes a decoder's configuration to `input(length)` and calls `open`; then it writes each packet to `input(length)` and calls
//! `decode`, which returns how many samples (float32) are at `output`. A negative result is a `Fault`.

mod aac;

use std::cell::RefCell;

use symphonia_core::audio::{Channels, Position};
use symphonia_core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_ALAC, CODEC_ID_MP3, CODEC_ID_VORBIS,
};
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia_core::errors::{Error, Result};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};
use symphonia_bundle_mp3::MpaDecoder;
use symphonia_codec_aac::AacDecoder;
use symphonia_codec_alac::AlacDecoder;
use symphonia_codec_vorbis::VorbisDecoder;

const DAMAGED: i32 = -1;
/// A codec's feature that is not read.
const UNSUPPORTED: i32 = -2;

#[derive(Default)]
struct State {
    decoder: Option<Box<dyn AudioDecoder>>,
    input: Vec<u8>,
    planes: Vec<Vec<f32>>,
    samples: Vec<f32>,
    /// Hz of the last packet.
    rate: u32,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

fn fault_of(error: &Error) -> i32 {
    match error {
        Error::Unsupported(_) => UNSUPPORTED,
        _ => DAMAGED,
    }
}

fn decoder_of(codec: u32, config: &[u8]) -> Result<Box<dyn AudioDecoder>> {
    let options = AudioDecoderOptions::default();
    let mut parameters = AudioCodecParameters::new();
    parameters.with_extra_data(config.into());
    Ok(match codec {
        0 => Box::new(MpaDecoder::try_new(parameters.for_codec(CODEC_ID_MP3), &options)?),
        1 => {
            if let Some(core) = aac::core_of(config) {
                parameters.with_extra_data(core);
            }
            Box::new(AacDecoder::try_new(parameters.for_codec(CODEC_ID_AAC), &options)?)
        }
        2 => Box::new(VorbisDecoder::try_new(parameters.for_codec(CODEC_ID_VORBIS), &options)?),
        _ => {
            parameters.with_channels(Channels::Positioned(Position::FRONT_LEFT));
            Box::new(AlacDecoder::try_new(parameters.for_codec(CODEC_ID_ALAC), &options)?)
        }
    })
}

impl State {
    fn open(&mut self, codec: u32) -> i32 {
        self.decoder = None;
        match decoder_of(codec, &self.input) {
            Ok(decoder) => {
                self.decoder = Some(decoder);
                0
            }
            Err(error) => fault_of(&error),
        }
    }

    fn decode(&mut self) -> i32 {
        self.samples.clear();
        let Some(decoder) = &mut self.decoder else { return DAMAGED };
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, &self.input);
        match decoder.decode_ref(&packet) {
            Ok(sound) => {
                self.rate = sound.spec().rate();
                sound.copy_to_vecs_planar(&mut self.planes);
            }
            Err(error) => return fault_of(&error),
        }
        let Some((first, others)) = self.planes.split_first() else { return 0 };
        let share = 1.0 / self.planes.len() as f32;
        for (n, &value) in first.iter().enumerate() {
            let sum = others.iter().fold(value, |sum, plane| sum + plane[n]);
            self.samples.push(sum * share);
        }
        self.samples.len() as i32
    }
}

/// Room for a configuration or a packet.
#[no_mangle]
pub extern "C" fn input(length: u32) -> *mut u8 {
    STATE.with_borrow_mut(|state| {
        state.input.resize(length as usize, 0);
        state.input.as_mut_ptr()
    })
}

/// Makes a decoder of the configuration in the input: 0 MP3 (no configuration), 1 AAC (`AudioSpecificConfig`), 2 Vorbis (the
/// identification and the setup header), 3 ALAC (its magic cookie). Returns 0 or a fault.
#[no_mangle]
pub extern "C" fn open(codec: u32) -> i32 {
    STATE.with_borrow_mut(|state| state.open(codec))
}

/// Decodes the packet in the input. Returns samples or a fault.
#[no_mangle]
pub extern "C" fn decode() -> i32 {
    STATE.with_borrow_mut(State::decode)
}

/// The mean of all channels.
#[no_mangle]
pub extern "C" fn output() -> *const f32 {
    STATE.with_borrow(|state| state.samples.as_ptr())
}

/// Hz of the last packet.
#[no_mangle]
pub extern "C" fn rate() -> u32 {
    STATE.with_borrow(|state| state.rate)
}

/// Frees the decoder.
#[no_mangle]
pub extern "C" fn close() {
    STATE.set(State::default());
}
