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
    page,
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
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::{
    Error,
    caller::Caller,
    db::{Db, Seen},
    place::{country::Country, gazetteer::Gazetteer},
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
    let pages = Arc::new(Pages {
        pool,
        cache: cache.clone(),
        front,
        files: Files::embedded(),
        site: Arc::new(move || site.clone()),
        clock: app.services.clock.clone(),
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
        limiter: limiter.clone(),
    };
    let others = federation::State {
        db: app.db.clone(),
        settings: app.settings.clone(),
        covers: Arc::new(federation::Covers::read(front::COVERS)?),
    };
    let discovery =
        federation::router(others.clone()).layer(middleware::from_fn_with_state(limiter.clone(), limit::each));
    let readable = page::router(pages)
        .layer(middleware::from_fn_with_state(limiter, searches))
        .layer(middleware::from_fn_with_state(others, documents_first))
        .layer(middleware::from_fn_with_state(feeds, feeds_first));
    Ok(graphql::http::routes()
        .with_state(state)
        .merge(http::media::router(app.services.files.clone()))
        .merge(discovery)
        .merge(readable))
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

/// Counts who searches; other pages are kept, and given as often as somebody asks.
async fn searches(State(limiter): State<Option<Arc<Limiter>>>, request: Request, next: Next) -> Response {
    let (_, path) = Language::split(request.uri().path());
    let is_search = route::Address::parse(path) == Some(route::Address::Page(Route::Search));
    match limit::once(limiter.as_deref().filter(|_| is_search), &request) {
        Ok(()) => next.run(request).await,
        Err(error) => HttpError(error).into_response(),
    }
}

/// Answers other servers, which ask for a document at the address of a page, and lets people pass.
async fn documents_first(State(others): State<federation::State>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match federation::negotiate(&others, &parts).await {
        Some(document) => document,
        None => {
            let link = federation::alternate(&others, parts.uri.path());
            let mut response = next.run(Request::from_parts(parts, body)).await;
            if let Some(link) = link {
                response.headers_mut().append(header::LINK, link);
            }
            response
        }
    }
}

#[derive(Clone)]
struct Feeds {
    db: Db,
    settings: Arc<Settings>,
    cache: Arc<PageCache>,
    limiter: Option<Arc<Limiter>>,
}

/// Answers the addresses of feeds, and lets every other one pass.
async fn feeds_first(State(feeds): State<Feeds>, request: Request, next: Next) -> Response {
    let may = request.method() == Method::GET || request.method() == Method::HEAD;
    let uri = request.uri();
    if may && let Some(map) = Map::of(uri.path()) {
        return feeds.map(map, request.headers()).await;
    }
    match feeds
        .address(uri.path(), uri.query().unwrap_or_default())
        .filter(|_| may)
    {
        Some(address) => match limit::once(feeds.limiter.as_deref(), &request) {
            Ok(()) => feeds.answer(address, request.headers()).await,
            Err(error) => HttpError(error).into_response(),
        },
        None => next.run(request).await,
    }
}

/// What search engines ask.
#[derive(Debug, Clone, Copy)]
enum Map {
    Robots,
    Sitemap,
}

impl Map {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/robots.txt" => Some(Self::Robots),
            "/sitemap.xml" => Some(Self::Sitemap),
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

    fn address(&self, path: &str, query: &str) -> Option<Address> {
        let country = self.settings.country.as_deref().and_then(Country::new);
        Address::parse(
            path,
            query,
            Atlas {
                places: Gazetteer::bundled(),
                country,
            },
        )
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
