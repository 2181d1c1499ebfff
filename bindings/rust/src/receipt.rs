/// All events through `n` are settled, and the last one of them that was logged stands at `seq`, with that hash (32 hex
/// digits). 0 and "" where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub n: u64,
    pub seq: u64,
    pub hash: String,
}
