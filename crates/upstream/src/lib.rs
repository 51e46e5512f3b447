#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod download;
mod migo;

pub use download::{
    Download, DownloadError, DownloadProgress, Downloaded, Downloader, DownloaderConfig, Form, MirrorError, Validators,
};
pub use migo::{Api, BuildError, MigoClient, MigoClientConfig};
