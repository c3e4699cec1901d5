//! `glyphs`: digits that this program draws.

use super::entry::{Entry, files};

pub(super) static ENTRY: Entry = Entry {
    name: "glyphs",
    torchvision: None,
    classes: 10,
    shape: [28, 28],
    train: 12_000,
    test: 2_000,
    // Of the IDX files that the generated images and labels would make.
    files: files([
        "93dc1fb3007ee645271c4dc7b991954cf29b82ebd726bf488dcd73e081251c4c",
        "b325bdea08048047ec24f89d7827464c224de6a88b7bbab63b2cd2ceca884fd7",
        "dd943aa1b84384895a3d4915a3067f151e4170070049c19f7ef8ba1c95dfa41a",
        "e026daf3d28b630d395bff264d45247706f43ecba7d4f48422cba6b6a30e22d3",
    ]),
    mirrors: &[],
};
