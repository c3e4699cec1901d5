//! Sends JSON to a server over HTTP.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::report::{JsonServer, ServerError};

/// A server of which requests go to paths below one address.
pub(super) struct HttpServer {
    agent: Agent,
    address: String,
}

impl HttpServer {
    /// Returns the server at this address.
    pub fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(120)))
            .http_status_as_error(false)
            .build();
        let address = url.trim_end_matches('/').to_owned();
        HttpServer { agent: Agent::new_with_config(config), address }
    }
}

impl JsonServer for HttpServer {
    fn post(&mut self, path: &str, request: &Value) -> Result<Value, ServerError> {
        let url = format!("{}/{path}", self.address);
        let refused = |why: String| ServerError::Refused { path: url.clone(), why };
        let sent = self
            .agent
            .post(&url)
            .header("content-type", "application/json")
            .send(request.to_string().as_bytes());
        let mut answer = sent.map_err(|error| refused(error.to_string()))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().map_err(|error| refused(error.to_string()))?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        match json {
            Some(json) if status.is_success() => Ok(json),
            Some(json) if json["message"].is_string() => {
                Err(refused(format!("{status}: {}", json["message"].as_str().unwrap_or_default())))
            }
            _ => Err(refused(format!("{status}, and the answer is no JSON of such a server"))),
        }
    }
}
