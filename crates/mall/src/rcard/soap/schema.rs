//! Operations and models of the contract, with their members in the order of documents: alphabetical, as the contract saw
//! it.

use super::super::state;

/// Namespace of operations and of their parts.
pub const OPERATIONS_NS: &str = "http://orderapi.rms.rakuten.co.jp/rccsapi-services/RCCSAPI";
/// Namespace of models.
pub const MODELS_NS: &str = "java:jp.co.rakuten.rms.mall.rccsapi.model.entity";
/// Namespace of lists of numbers.
pub const BUILTINS_NS: &str = "java:language_builtins";
/// Namespace of envelopes.
pub const ENVELOPE_NS: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// One of the three namespaces of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// [`OPERATIONS_NS`].
    Operations,
    /// [`MODELS_NS`].
    Models,
    /// [`BUILTINS_NS`].
    Builtins,
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `xs:string`.
    Text,
    /// `xs:int`.
    Int,
    /// `xs:dateTime`.
    DateTime,
    /// One of a model.
    One(&'static Model),
    /// Any number of a model, each in an element with the model's name.
    Many(&'static Model),
    /// Any number of `int`.
    Ints,
}

/// A member of a model, or a part of an operation.
#[derive(Debug)]
pub struct Member {
    /// Its element.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be left out, empty or `xsi:nil`.
    pub optional: bool,
}

/// A model.
#[derive(Debug)]
pub struct Model {
    /// The name of its type, and of its element in lists.
    pub name: &'static str,
    /// The namespace of its type and of its members.
    pub namespace: Namespace,
    /// Its members, in the order of documents.
    pub members: &'static [Member],
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Gives out a request id.
    GiveOut,
    /// Accepts a request.
    Accept(state::Kind),
    /// Shows how far requests are.
    ShowRequests,
    /// Shows the results of some days.
    ShowResults,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// What it does.
    pub verb: Verb,
    /// Its name.
    pub name: &'static str,
    /// What is sent, after the credentials.
    pub parts: &'static [Member],
    /// What is answered, in `result`.
    pub result: &'static Model,
}

const fn needed(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, optional: false }
}

const fn optional(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, optional: true }
}

const fn model(name: &'static str, members: &'static [Member]) -> Model {
    Model { name, namespace: Namespace::Models, members }
}

/// Who calls: first part of every operation.
pub static CREDENTIALS: Member = needed("userAuthModel", Kind::One(&USER_AUTH));
/// What an older client calls that part.
pub const CREDENTIALS_ONCE: &str = "arg0";

static USER_AUTH: Model = model(
    "UserAuthModel",
    &[needed("authKey", Kind::Text), needed("shopUrl", Kind::Text), needed("userName", Kind::Text)],
);

static AUTHORI: Model = model(
    "UiAuthoriRequestModel",
    &[
        optional("helpItem", Kind::Text),
        needed("orderNumber", Kind::Text),
        needed("payType", Kind::Int),
        needed("price", Kind::Int),
    ],
);

static CANCEL: Model =
    model("UiCancelRequestModel", &[optional("helpItem", Kind::Text), needed("orderNumber", Kind::Text)]);

static SALES: Model =
    model("UiSalesRequestModel", &[optional("helpItem", Kind::Text), needed("orderNumber", Kind::Text)]);

static SEARCH: Model = model(
    "UiRCCSResultSearchModel",
    &[
        optional("brandName", Kind::Text),
        optional("cardStatus", Kind::Int),
        needed("fromDate", Kind::Text),
        optional("helpItem", Kind::Text),
        optional("orderNumber", Kind::Text),
        optional("ownerName", Kind::Text),
        optional("payType", Kind::Int),
        needed("toDate", Kind::Text),
    ],
);

/// What became of one order of a request.
pub static RESULT: Model = model(
    "UiRCCSResultModel",
    &[
        optional("approvalNumber", Kind::Text),
        optional("brandName", Kind::Text),
        optional("cardImstCount", Kind::Int),
        optional("cardNo", Kind::Text),
        optional("cardStatus", Kind::Int),
        optional("ccsErrorCode", Kind::Text),
        optional("ccsErrorCodeDetail", Kind::Text),
        optional("companyName", Kind::Text),
        optional("errorCode", Kind::Text),
        optional("eventDate", Kind::DateTime),
        optional("expYM", Kind::Text),
        optional("helpItem", Kind::Text),
        optional("message", Kind::Text),
        optional("orderNumber", Kind::Text),
        optional("ownerName", Kind::Text),
        optional("payType", Kind::Int),
        optional("price", Kind::Int),
        optional("regDate", Kind::DateTime),
        optional("transactionId", Kind::Text),
    ],
);

/// How far a request is.
pub static STATUS: Model = model(
    "UiRCCSRequestStatusModel",
    &[
        optional("count", Kind::Int),
        optional("errorCode", Kind::Text),
        optional("kind", Kind::Int),
        optional("message", Kind::Text),
        optional("rccsResults", Kind::Many(&RESULT)),
        optional("requestId", Kind::Int),
        optional("startDate", Kind::DateTime),
        optional("status", Kind::Int),
        optional("timeStamp", Kind::DateTime),
    ],
);

const fn answered(name: &'static str, members: &'static [Member]) -> Model {
    Model { name, namespace: Namespace::Operations, members }
}

/// The answer of `getRCCSRequestId`, and of what is accepted under such an id.
pub static REQUEST_ID: Model = answered(
    "RequestIdResult",
    &[optional("errorCode", Kind::Text), optional("message", Kind::Text), optional("requestId", Kind::Int)],
);

/// The answer of `getRCCSResult`.
pub static STATUSES: Model = answered(
    "RequestStatusResult",
    &[
        optional("errorCode", Kind::Text),
        optional("message", Kind::Text),
        optional("rccsRequestStatus", Kind::Many(&STATUS)),
    ],
);

/// The answer of `getRCCSResultAll`.
pub static RESULTS: Model = answered(
    "ResultsResult",
    &[optional("errorCode", Kind::Text), optional("message", Kind::Text), optional("rccsResults", Kind::Many(&RESULT))],
);

const REQUEST: Member = needed("intVal", Kind::Int);

/// Every operation.
pub static OPERATIONS: [Operation; 7] = [
    Operation { verb: Verb::GiveOut, name: "getRCCSRequestId", parts: &[], result: &REQUEST_ID },
    Operation {
        verb: Verb::Accept(state::Kind::Authori),
        name: "authori",
        parts: &[REQUEST, needed("uiAuthoriRequestModels", Kind::Many(&AUTHORI))],
        result: &REQUEST_ID,
    },
    Operation {
        verb: Verb::Accept(state::Kind::AuthoriCancel),
        name: "authoriCancel",
        parts: &[REQUEST, needed("uiCancelRequestModels", Kind::Many(&CANCEL))],
        result: &REQUEST_ID,
    },
    Operation {
        verb: Verb::Accept(state::Kind::Sales),
        name: "sales",
        parts: &[REQUEST, needed("uiSalesRequestModels", Kind::Many(&SALES))],
        result: &REQUEST_ID,
    },
    Operation {
        verb: Verb::Accept(state::Kind::SalesCancel),
        name: "salesCancel",
        parts: &[REQUEST, needed("uiCancelRequestModels", Kind::Many(&CANCEL))],
        result: &REQUEST_ID,
    },
    Operation {
        verb: Verb::ShowRequests,
        name: "getRCCSResult",
        parts: &[needed("ints", Kind::Ints)],
        result: &STATUSES,
    },
    Operation {
        verb: Verb::ShowResults,
        name: "getRCCSResultAll",
        parts: &[needed("uiRCCSResultSearchModel", Kind::One(&SEARCH))],
        result: &RESULTS,
    },
];

/// Every model, those of requests first.
pub static MODELS: [&Model; 10] =
    [&USER_AUTH, &AUTHORI, &CANCEL, &SALES, &SEARCH, &RESULT, &STATUS, &REQUEST_ID, &STATUSES, &RESULTS];

impl Namespace {
    /// Its name.
    pub fn uri(self) -> &'static str {
        match self {
            Namespace::Operations => OPERATIONS_NS,
            Namespace::Models => MODELS_NS,
            Namespace::Builtins => BUILTINS_NS,
        }
    }

    /// The prefix that our documents use for it.
    pub fn prefix(self) -> &'static str {
        match self {
            Namespace::Operations => "ns1",
            Namespace::Models => "ns2",
            Namespace::Builtins => "ns3",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_alphabetical_order() {
        for model in MODELS {
            let names: Vec<&str> = model.members.iter().map(|member| member.name).collect();
            assert!(names.is_sorted(), "{}: {names:?}", model.name);
        }
    }
}
