//! `throughline serve`: opens the engines, listens, says where, and stops gracefully.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use throughline_app::{App, maintenance};
use throughline_base::{Problem, SystemClock};
use tracing_subscriber::EnvFilter;

use crate::{Common, config, say, settings};

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address and port; port 0 takes a free one.
    #[arg(long)]
    listen: Option<String>,
    /// Serves the demo brand: loads it at first start.
    #[arg(long)]
    demo: bool,
    /// People of the demo brand.
    #[arg(long, default_value_t = 20_000)]
    demo_people: u32,
    /// Seed of the demo brand.
    #[arg(long, default_value_t = 1)]
    demo_seed: u64,
}

/// Libraries that tell parameters of statements or headers of requests when they may: personal data and secrets.
const KEPT_QUIET: [&str; 6] =
    ["tokio_postgres=info", "h2=info", "hyper=info", "hyper_util=info", "reqwest=info", "object_store=info"];

/// Starts the log. A second call changes nothing.
pub fn log(level: &str, format: &str) {
    let asked = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = KEPT_QUIET.iter().fold(asked, |f, quiet| f.add_directive(quiet.parse().expect("a fixed directive")));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // Only the first subscriber of a process counts; tests start several servers.
    let _ = if format == "json" { builder.json().try_init() } else { builder.compact().try_init() };
}

/// Serves until it is asked to stop.
pub fn run(common: &Common, args: ServeArgs) -> Result<(), Problem> {
    let flags: Vec<(&str, String)> = args.listen.iter().map(|l| ("server.listen", l.clone())).collect();
    let table = settings::table(common, &flags)?;
    let c = config::typed(table.clone())?;
    log(&c.log.level, &c.log.format);
    let mut s = settings::settings(&c)?;
    s.demo = args.demo;
    s.shown = config::shown(table);
    // Held to the end, so that nobody copies the database away meanwhile.
    let _claim = maintenance::claim(&s.database_url())?;
    let app = App::open(s, Arc::new(SystemClock))?;
    app.start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Problem::internal("runtime", "the async runtime did not start").caused_by(e))?;
    let outcome = runtime.block_on(listen(&app, &c.server.listen, Duration::from_secs(c.server.drain_seconds), &args));
    // Streams that watch must not hold up the end.
    app.live.close();
    runtime.shutdown_timeout(Duration::from_secs(2));
    app.close();
    outcome
}

async fn listen(app: &Arc<App>, address: &str, drain: Duration, args: &ServeArgs) -> Result<(), Problem> {
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| {
        Problem::unavailable("listen", format!("cannot listen on {address}: {e}; choose another with --listen"))
    })?;
    let at = listener
        .local_addr()
        .map_err(|e| Problem::internal("listen", "the listening address is unknown").caused_by(e))?;
    say(&format!("throughline is ready at http://{at}"))?;
    if args.demo {
        crate::demo::load_in_background(app, at, args.demo_people, args.demo_seed);
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let watched = app.clone();
    let signal = async move {
        asked_to_stop().await;
        tracing::info!("stopping: finishing open requests");
        watched.live.close();
        let _ = stop.send(true);
    };
    let server = throughline_http::serve(app.clone(), listener, signal);
    let limit = async move {
        let mut stopped = stopped;
        // The sender lives as long as the server; when it is gone there is nothing left to wait for.
        let _ = stopped.wait_for(|s| *s).await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        result = server => result.map_err(|e| Problem::unavailable("serve", format!("the server stopped: {e}"))),
        () = limit => {
            tracing::warn!("open requests did not end in time");
            Ok(())
        }
    }
}

/// SIGTERM or Ctrl-C.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
