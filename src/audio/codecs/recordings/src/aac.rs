//! HE-AAC as the AAC-LC that it contains.

const LC: u64 = 2;
const SBR: u64 = 5;
const PS: u64 = 29;

/// Bits of an `AudioSpecificConfig`, most significant first.
struct Bits(u64);

impl Bits {
    fn take(&mut self, count: u32) -> u64 {
        let value = self.0 >> (64 - count);
        self.0 <<= count;
        value
    }
}

/// The configuration of the AAC-LC part of HE-AAC, which has half the rate of the whole. The decoder reads that part, the lower half of the
/// spectrum, and passes over what reconstructs the upper half. `None` for what is no HE-AAC.
pub fn core_of(config: &[u8]) -> Option<Box<[u8]>> {
    let mut bytes = [0; 8];
    let length = config.len().min(8);
    bytes[..length].copy_from_slice(&config[..length]);
    let mut bits = Bits(u64::from_be_bytes(bytes));
    let kind = bits.take(5);
    let index = bits.take(4);
    if index == 15 {
        return None;
    }
    let channels = bits.take(4);
    let explicit = kind == SBR || kind == PS;
    if explicit {
        if bits.take(4) == 15 {
            bits.take(24);
        }
        if bits.take(5) != LC {
            return None;
        }
    } else {
        // The other way to announce it: three flags of AAC-LC, then a sync word.
        let announced = bits.take(3) == 0 && bits.take(11) == 0x2b7 && bits.take(5) == SBR && bits.take(1) == 1;
        if kind != LC || !announced {
            return None;
        }
    }
    let core = (LC << 11 | index << 7 | channels << 3) as u16;
    Some(Box::new(core.to_be_bytes()))
}
