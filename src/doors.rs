//! Opens the doors: pages, the API, feeds and pictures, behind one router.
//!
//! Addresses are decided in this order: the API's and the pictures' own routes, feeds, documents for other servers, and
//! pages for everything else.

use crate::app::App;
use api::{
    error::HttpError,
    feed::{
        self,
        address::{Address, Atlas},
    },
    graphql::{self, Document, Gql, Operation},
    http,
    limit::{self, Limiter, Rate},
    page::{
        Made, Pages,
        cache::{CacheLimits, Key, Kind, PageCache},
        fetch::{Answer, Fetch, Query},
        files::Files,
        front::{self, FrontEnd},
        language::Language,
        pool::{Pool, PoolSettings},
        route::{self, Route},
    },
    state::ApiState,
};
use async_trait::async_trait;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse, Response},
};
use domain::{
    Error,
    caller::Caller,
    db::{Db, Seen},
    place::gazetteer::Gazetteer,
    settings::Settings,
};
use std::{collections::HashMap, sync::Arc};
use tokio::runtime::Handle;

/// Why the doors do not open.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The front end and the schema do not belong together.
    #[error(transparent)]
    Schema(#[from] graphql::BuildError),
    /// The queries of the front end.
    #[error("the queries of the front end cannot be read: {0}")]
    Operations(#[from] serde_json::Error),
    /// Threads.
    #[error("no thread can be started: {0}")]
    Threads(#[from] std::io::Error),
}

/// Everything that readers and programs reach.
///
/// # Errors
/// See [`DoorError`].
pub fn open(app: &App) -> Result<Router, DoorError> {
    let cache = PageCache::new(limits(app));
    app.db.on_commit({
        let cache = cache.clone();
        move |tags| cache.drop_tags(tags)
    });
    app.db.listen({
        let cache = cache.clone();
        move |heard| cache.hear(&heard)
    })?;
    let operations: HashMap<String, String> = serde_json::from_str(front::OPERATIONS)?;
    let settings = (*app.settings).clone();
    let gql = Arc::new(Gql::new(app.db.clone(), settings, Gazetteer::bundled(), &operations)?);
    let front = FrontEnd::embedded();
    let fetch: Arc<dyn Fetch> = Arc::new(InProcess(gql.clone()));
    let pool = Pool::start(pool_settings(app), &front.script, &fetch, &Handle::current())?;
    let site = app.settings.clone();
    let others = federation::State {
        db: app.db.clone(),
        settings: app.settings.clone(),
        covers: Arc::new(federation::Covers::read(front::COVERS)?),
    };
    let pages = Arc::new(Pages {
        pool,
        cache: cache.clone(),
        front,
        files: Files::embedded(),
        site: Arc::new(move || site.clone()),
        clock: app.services.clock.clone(),
        link: Arc::new({
            let others = others.clone();
            move |path| federation::alternate(&others, path)
        }),
    });
    let limiter = limiter(app);
    let state = ApiState {
        db: app.db.clone(),
        settings: app.settings.clone(),
        gql,
        operations: limiter.clone(),
    };
    let feeds = Feeds {
        db: app.db.clone(),
        settings: app.settings.clone(),
        cache,
    };
    let discovery =
        federation::router(others.clone()).layer(middleware::from_fn_with_state(limiter.clone(), limit::each));
    let readable = Readable {
        feeds,
        others,
        pages,
        limiter,
    };
    Ok(graphql::http::routes()
        .with_state(state)
        .merge(http::media::router(app.services.files.clone()))
        .merge(discovery)
        .merge(Router::new().fallback(read).with_state(Arc::new(readable))))
}

/// One count of an address for all that is worked out anew for each request.
fn limiter(app: &App) -> Option<Arc<Limiter>> {
    let per_second = app.config.http.requests_per_second;
    let rate = Rate {
        per_second,
        burst: per_second * 2,
    };
    (per_second > 0).then(|| Arc::new(Limiter::new(rate, app.services.clock.clone())))
}

fn limits(app: &App) -> CacheLimits {
    CacheLimits {
        bytes: usize::from(app.config.pages.cache_mb) << 20,
        ..CacheLimits::default()
    }
}

fn pool_settings(app: &App) -> PoolSettings {
    let usual = PoolSettings::default();
    PoolSettings {
        threads: app.config.pages.threads.map_or(usual.threads, usize::from),
        ..usual
    }
}

/// Answers the queries of pages in this process.
struct InProcess(Arc<Gql>);

#[async_trait]
impl Fetch for InProcess {
    async fn run(&self, query: Query, caller: Caller, seen: Seen) -> Answer {
        let operation = Operation {
            document: Document::Registered(query.id),
            operation_name: None,
            variables: query.variables,
        };
        let answer = self.0.run(operation, caller, Some(seen)).await;
        Answer {
            status: answer.status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

/// What has no route of its own: what its address leads to is found out by reading it, not by layers around each other.
struct Readable {
    feeds: Feeds,
    others: federation::State,
    pages: Arc<Pages>,
    limiter: Option<Arc<Limiter>>,
}

/// Answers with a feed; to other servers, which ask for it at the address of a page, with a document; to people with the
/// page. Counts who asks for a feed or a search; other pages are kept, and given as often as somebody asks.
async fn read(State(readable): State<Arc<Readable>>, request: Request) -> Response {
    let Readable {
        feeds,
        others,
        pages,
        limiter,
    } = &*readable;
    let (asked, _) = request.into_parts();
    let counted = || limit::once(limiter.as_deref(), &asked.extensions);
    if let Some(map) = Map::asked(&asked) {
        return feeds.map(map, &asked.headers).await;
    }
    if let Some(address) = feeds.asked(&asked) {
        return match counted() {
            Ok(()) => feeds.answer(address, &asked.headers).await,
            Err(error) => HttpError(error).into_response(),
        };
    }
    if let Some(document) = federation::negotiate(others, &asked).await {
        return document;
    }
    if is_search(asked.uri.path())
        && let Err(error) = counted()
    {
        return HttpError(error).into_response();
    }
    pages.read(&asked).await
}

fn reads(asked: &Parts) -> bool {
    asked.method == Method::GET || asked.method == Method::HEAD
}

fn is_search(path: &str) -> bool {
    // Most addresses are not, and are not taken apart for it.
    if !path.contains("search") && !path.contains('%') {
        return false;
    }
    let (_, path) = Language::split(path);
    route::Address::parse(path) == Some(route::Address::Page(Route::Search))
}

struct Feeds {
    db: Db,
    settings: Arc<Settings>,
    cache: Arc<PageCache>,
}

/// What search engines ask.
#[derive(Debug, Clone, Copy)]
enum Map {
    Robots,
    Sitemap,
}

impl Map {
    fn asked(asked: &Parts) -> Option<Self> {
        match asked.uri.path() {
            "/robots.txt" if reads(asked) => Some(Self::Robots),
            "/sitemap.xml" if reads(asked) => Some(Self::Sitemap),
            _ => None,
        }
    }
}

impl Feeds {
    async fn map(&self, map: Map, asked: &HeaderMap) -> Response {
        let (kind, path) = match map {
            Map::Robots => (Kind::Feed("robots"), "/robots.txt"),
            Map::Sitemap => (Kind::Feed("sitemap"), "/sitemap.xml"),
        };
        let key = Key {
            kind,
            path: path.to_owned(),
            query: String::new(),
            language: "",
        };
        let produce = |seen: Seen| async move {
            match map {
                Map::Robots => Ok(http::crawlers::robots(&self.settings)),
                Map::Sitemap => Ok(http::crawlers::sitemap(&self.db, &self.settings, seen).await?),
            }
        };
        let answer = self.cache.serve(key, asked, produce).await;
        answer.unwrap_or_else(|failure| failure.status().into_response())
    }

    /// The feed at an address; `None` where there is none.
    fn asked(&self, asked: &Parts) -> Option<Address> {
        if !reads(asked) {
            return None;
        }
        let atlas = Atlas::of(&self.settings);
        Address::parse(asked.uri.path(), asked.uri.query().unwrap_or_default(), atlas)
    }

    async fn answer(&self, address: Address, asked: &HeaderMap) -> Response {
        let Address { wanted, path, query } = address;
        let key = Key {
            kind: Kind::Feed(wanted.format().name()),
            path,
            query,
            language: "",
        };
        let language = self.settings.languages.first().map_or("en", String::as_str);
        let produce = |seen: Seen| async move {
            match feed::render(&self.db, &self.settings, wanted, language, seen).await {
                Ok(made) => Ok(Made {
                    status: StatusCode::OK,
                    headers: http::feed::headers(&made),
                    body: made.bytes,
                }),
                Err(error @ (Error::NotFound(_) | Error::Gone(_))) => Ok(refusal(&error)),
                Err(error) => Err(error.into()),
            }
        };
        match self.cache.serve(key, asked, produce).await {
            Ok(answer) => answer,
            Err(failure) => failure.status().into_response(),
        }
    }
}

/// What a calendar application gets instead of a feed that is not there.
fn refusal(error: &Error) -> Made {
    let (status, words) = match error {
        Error::Gone(_) => (StatusCode::GONE, "This was deleted: unsubscribe from it.\n"),
        _ => (
            StatusCode::NOT_FOUND,
            "There is no such calendar here: look for its new address on the site.\n",
        ),
    };
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    Made {
        status,
        headers,
        body: bytes::Bytes::from_static(words.as_bytes()),
    }
}
