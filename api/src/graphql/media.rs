//! Pictures.

use super::{
    context::{ContextExt, Site},
    scalar::Uuid,
};
use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    Error, Result,
    error::What,
    id::MediaId,
    media::{self, Media, MediaFile},
};
use std::sync::Arc;

/// Questions about pictures.
#[derive(Default)]
pub(super) struct MediaQuery;

#[Object]
impl MediaQuery {
    /// A picture by its identifier.
    async fn media(&self, ctx: &Context<'_>, #[graphql(desc = "Its `id`.")] id: ID) -> Result<Option<MediaNode>> {
        let id: MediaId = id.parse().map_err(|_not_ours| Error::NotFound(What::Media))?;
        let media = ctx.read(move |tx, _| media::by_id(tx, id)).await?;
        Ok(Some(MediaNode(Arc::new(media))))
    }
}

/// A picture.
pub(super) struct MediaNode(pub(super) Arc<Media>);

impl MediaNode {
    /// The picture with this identifier, once it can be shown.
    pub(super) async fn load(ctx: &Context<'_>, id: Option<MediaId>) -> Result<Option<Self>> {
        match id {
            Some(id) => Ok(ctx.scope()?.loader.media(id).await.map(Self)),
            None => Ok(None),
        }
    }
}

/// A picture, without the traces of where and with what it was taken.
#[Object(name = "Media")]
impl MediaNode {
    /// Its identifier.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its identifier: the same as `id`.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.id.0)
    }

    /// What it shows, in words, for those who do not see it.
    async fn alt(&self) -> Option<&str> {
        Some(self.0.alt.as_str()).filter(|alt| !alt.is_empty())
    }

    /// The name of its file.
    async fn name(&self) -> Option<&str> {
        let key = self.0.largest()?.key.as_str();
        key.rsplit('/').next()
    }

    /// The address of its largest file.
    async fn url(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let site = ctx.site()?;
        Ok(self.0.largest().map(|file| address(site, file)))
    }

    /// The type of its files: `image/webp` or `image/jpeg`.
    async fn content_type(&self) -> Option<&str> {
        self.0.content_type.as_deref()
    }

    /// The bytes of all its files.
    async fn size(&self) -> i32 {
        i32::try_from(self.0.byte_size).unwrap_or(i32::MAX)
    }

    /// Its measures, as Mobilizon groups them.
    async fn metadata(&self) -> MediaMetadata {
        MediaMetadata {
            width: self.0.width,
            height: self.0.height,
            blurhash: self.0.blurhash.clone(),
        }
    }

    /// Pixels across, of its largest file.
    async fn width(&self) -> Option<i32> {
        self.0.width
    }

    /// Pixels down, of its largest file.
    async fn height(&self) -> Option<i32> {
        self.0.height
    }

    /// A few characters that paint a blur while it loads (blurha.sh).
    async fn blurhash(&self) -> Option<&str> {
        self.0.blurhash.as_deref()
    }

    /// Where what matters lies, across: −1 is left, 1 is right.
    async fn focal_x(&self) -> f64 {
        self.0.focal_x
    }

    /// Where what matters lies, up and down: −1 is the bottom, 1 is the top.
    async fn focal_y(&self) -> f64 {
        self.0.focal_y
    }

    /// Its files for screens, WebP, smallest first.
    async fn sizes(&self, ctx: &Context<'_>) -> Result<Vec<MediaSize>> {
        let site = ctx.site()?;
        Ok(self
            .0
            .files
            .sizes
            .iter()
            .map(|file| MediaSize::of(site, file))
            .collect())
    }

    /// Its file for previews of links and for software that does not know WebP: JPEG.
    async fn preview(&self, ctx: &Context<'_>) -> Result<Option<MediaSize>> {
        let site = ctx.site()?;
        Ok(self.0.files.preview.as_ref().map(|file| MediaSize::of(site, file)))
    }
}

/// The measures of a picture.
#[derive(SimpleObject)]
struct MediaMetadata {
    /// Pixels across.
    width: Option<i32>,
    /// Pixels down.
    height: Option<i32>,
    /// A few characters that paint a blur while it loads (blurha.sh).
    blurhash: Option<String>,
}

/// One file of a picture.
#[derive(SimpleObject)]
struct MediaSize {
    /// Its address; what is there never changes.
    url: String,
    /// Pixels across.
    width: i32,
    /// Pixels down.
    height: i32,
}

impl MediaSize {
    fn of(site: &Site, file: &MediaFile) -> Self {
        Self {
            url: address(site, file),
            width: i32::try_from(file.width).unwrap_or(i32::MAX),
            height: i32::try_from(file.height).unwrap_or(i32::MAX),
        }
    }
}

fn address(site: &Site, file: &MediaFile) -> String {
    site.settings.url(&file.key.path())
}
