//! The routes of the root stack's API, written from the endpoints' descriptions.

use std::collections::BTreeMap;

use api::{Access, Route};

const BEGIN: &str = "          # <routes>\n";
const END: &str = "          # </routes>\n";

/// `template` with its section between the route markers as the endpoints describe it.
#[must_use]
pub fn with_routes(template: &str, routes: &[Route]) -> String {
    let (before, rest) = template.split_once(BEGIN).expect("the template has its <routes> marker");
    let (_, after) = rest.split_once(END).expect("the template has its </routes> marker");
    format!("{before}{BEGIN}{}{END}{after}", section(routes))
}

/// One line an operation, so that a change of a route is a change of a line.
fn section(routes: &[Route]) -> String {
    let mut paths: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in routes {
        paths.entry(route.path).or_default().push(route);
    }
    let mut text = String::new();
    for (path, routes) in paths {
        text.push_str(&format!("          {path}:\n"));
        for route in routes {
            text.push_str(&format!("            {}\n", operation(route)));
        }
    }
    text
}

fn operation(route: &Route) -> String {
    let security = match route.access {
        Access::Public | Access::Optional | Access::Provider => "[]",
        Access::Required | Access::Staff(_) => "[{CognitoAuthorizer: [aws.cognito.signin.user.admin]}]",
    };
    let parameters: Vec<String> = route
        .path_parameters()
        .iter()
        .map(|name| format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}"))
        .collect();
    let parameters =
        if parameters.is_empty() { String::new() } else { format!("parameters: [{}], ", parameters.join(", ")) };
    format!(
        "{}: {{{parameters}security: {security}, responses: {{}}, x-amazon-apigateway-integration: {{type: aws_proxy, httpMethod: POST, \
         uri: !Sub \"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/\
         arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:souk-${{Environment}}-{}/invocations\"}}}}",
        route.method, route.function,
    )
}

const ROUTER_BEGIN: &str = "# <routes>\n";
const ROUTER_END: &str = "# </routes>\n";

/// The workspace manifest with `cargo lambda watch`'s router as the endpoints describe it.
#[must_use]
pub fn with_watch_router(manifest: &str, routes: &[Route]) -> String {
    let (before, rest) = manifest.split_once(ROUTER_BEGIN).expect("the manifest has its <routes> marker");
    let (_, after) = rest.split_once(ROUTER_END).expect("the manifest has its </routes> marker");
    let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for route in routes {
        let entry = format!("{{ function = \"{}\", method = \"{}\" }}", route.function, route.method.to_uppercase());
        paths.entry(route.path).or_default().push(entry);
    }
    let router: String =
        paths.into_iter().map(|(path, functions)| format!("\"/v1{path}\" = [{}]\n", functions.join(", "))).collect();
    format!("{before}{ROUTER_BEGIN}{router}{ROUTER_END}{after}")
}
