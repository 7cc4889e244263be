//! TLS by files: a certificate chain and its key.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// Reads the files of a server that speaks TLS 1.2 and 1.3.
pub(super) fn acceptor(chain: &Path, key: &Path) -> Result<TlsAcceptor> {
    let cannot = |path: &Path| format!("cannot read `{}` for the page's TLS", path.display());
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(chain).and_then(Iterator::collect).with_context(|| cannot(chain))?;
    ensure!(!certificates.is_empty(), "`{}` holds no certificate", chain.display());
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| cannot(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("no version of TLS can be spoken")?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .with_context(|| format!("`{}` does not belong to `{}`", key.display(), chain.display()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
