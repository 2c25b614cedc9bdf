//! The WSDL, written from the table of operations and models.

use std::fmt::Write as _;

use super::envelope::escaped;
use super::schema::{
    BUILTINS_NS, CREDENTIALS, Kind, MODELS, MODELS_NS, Member, Model, Namespace, OPERATIONS, OPERATIONS_NS, Operation,
};

/// The document, for a service that answers at `address`.
pub fn wsdl(address: &str) -> String {
    let mut out = String::with_capacity(16 << 10);
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wsdl:definitions name=\"RCCSApiService\" \
         targetNamespace=\"{OPERATIONS_NS}\" xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:ns1=\"{OPERATIONS_NS}\" xmlns:ns2=\"{MODELS_NS}\" xmlns:ns3=\"{BUILTINS_NS}\">\n<wsdl:types>\n"
    );
    for namespace in [Namespace::Builtins, Namespace::Models, Namespace::Operations] {
        schema(&mut out, namespace);
    }
    out.push_str("</wsdl:types>\n");
    messages(&mut out);
    port(&mut out);
    let _ = write!(
        out,
        "<wsdl:service name=\"RCCSApiService\"><wsdl:port name=\"RCCSApiPort\" binding=\"ns1:RCCSApiBinding\">\
         <soap:address location=\"{}\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n",
        escaped(address)
    );
    out
}

/// The schema of one namespace: its types, and the elements of the operations.
fn schema(out: &mut String, namespace: Namespace) {
    let _ = writeln!(out, "<xs:schema targetNamespace=\"{}\" elementFormDefault=\"qualified\">", namespace.uri());
    let imports = [Namespace::Builtins, Namespace::Models].into_iter().filter(|other| *other != namespace);
    for other in imports.filter(|_| namespace != Namespace::Builtins) {
        let _ = writeln!(out, "<xs:import namespace=\"{}\"/>", other.uri());
    }
    match namespace {
        Namespace::Builtins => out.push_str(&list("ArrayOfInt", "int", "xs:int", false)),
        Namespace::Models => {
            for model in MODELS.into_iter().filter(|model| model.namespace == namespace) {
                out.push_str(&list(&list_type(model), model.name, &format!("ns2:{}", model.name), true));
            }
        }
        Namespace::Operations => OPERATIONS.iter().for_each(|operation| elements(out, operation)),
    }
    for model in MODELS.into_iter().filter(|model| model.namespace == namespace) {
        complex(out, Some(model.name), model.members);
    }
    out.push_str("</xs:schema>\n");
}

fn list_type(model: &Model) -> String {
    format!("ArrayOf{}", model.name)
}

/// A type that holds any number of one element.
fn list(name: &str, element: &str, of: &str, nillable: bool) -> String {
    let nillable = if nillable { " nillable=\"true\"" } else { "" };
    format!(
        "<xs:complexType name=\"{name}\"><xs:sequence><xs:element name=\"{element}\" type=\"{of}\" minOccurs=\"0\" \
         maxOccurs=\"unbounded\"{nillable}/></xs:sequence></xs:complexType>\n"
    )
}

/// The elements of what is sent and of what is answered.
fn elements(out: &mut String, operation: &Operation) {
    let Operation { name, parts, result, .. } = operation;
    let _ = write!(out, "<xs:element name=\"{name}\">");
    let _ = write!(out, "<xs:complexType><xs:sequence>");
    for member in [&CREDENTIALS].into_iter().chain(*parts) {
        element(out, member);
    }
    out.push_str("</xs:sequence></xs:complexType></xs:element>\n");
    let _ = writeln!(
        out,
        "<xs:element name=\"{name}Response\"><xs:complexType><xs:sequence><xs:element name=\"result\" \
         type=\"ns1:{}\"/></xs:sequence></xs:complexType></xs:element>",
        result.name
    );
}

fn complex(out: &mut String, name: Option<&str>, members: &[Member]) {
    let name = name.map_or(String::new(), |name| format!(" name=\"{name}\""));
    let _ = write!(out, "<xs:complexType{name}><xs:sequence>");
    members.iter().for_each(|member| element(out, member));
    out.push_str("</xs:sequence></xs:complexType>\n");
}

fn element(out: &mut String, member: &Member) {
    let of = match member.kind {
        Kind::Text => "xs:string".to_owned(),
        Kind::Int => "xs:int".to_owned(),
        Kind::DateTime => "xs:dateTime".to_owned(),
        Kind::One(model) => format!("{}:{}", model.namespace.prefix(), model.name),
        Kind::Many(model) => format!("{}:{}", model.namespace.prefix(), list_type(model)),
        Kind::Ints => "ns3:ArrayOfInt".to_owned(),
    };
    let may = if member.optional { " minOccurs=\"0\" nillable=\"true\"" } else { "" };
    let _ = write!(out, "<xs:element name=\"{}\" type=\"{of}\"{may}/>", member.name);
}

fn messages(out: &mut String) {
    for Operation { name, .. } in &OPERATIONS {
        for element in [(*name).to_owned(), format!("{name}Response")] {
            let _ = writeln!(
                out,
                "<wsdl:message name=\"{element}\"><wsdl:part name=\"parameters\" element=\"ns1:{element}\"/></wsdl:message>"
            );
        }
    }
}

fn port(out: &mut String) {
    out.push_str("<wsdl:portType name=\"RCCSApi\">\n");
    for Operation { name, .. } in &OPERATIONS {
        let _ = writeln!(
            out,
            "<wsdl:operation name=\"{name}\"><wsdl:input message=\"ns1:{name}\"/>\
             <wsdl:output message=\"ns1:{name}Response\"/></wsdl:operation>"
        );
    }
    out.push_str(
        "</wsdl:portType>\n<wsdl:binding name=\"RCCSApiBinding\" type=\"ns1:RCCSApi\">\
         <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n",
    );
    for Operation { name, .. } in &OPERATIONS {
        let _ = writeln!(
            out,
            "<wsdl:operation name=\"{name}\"><soap:operation soapAction=\"\" style=\"document\"/>\
             <wsdl:input><soap:body use=\"literal\"/></wsdl:input>\
             <wsdl:output><soap:body use=\"literal\"/></wsdl:output></wsdl:operation>"
        );
    }
    out.push_str("</wsdl:binding>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_xml_with_every_operation_and_the_address() {
        let text = wsdl("https://choba.example/rccsapi-services/RCCSApiService?a=1&b=2");
        let document = roxmltree::Document::parse(&text).unwrap();
        let named = |element: &str| {
            let of = document.descendants().filter(|node| node.tag_name().name() == element);
            of.filter_map(|node| node.attribute("name")).collect::<Vec<_>>()
        };
        for operation in &OPERATIONS {
            assert!(named("element").contains(&operation.name), "{}", operation.name);
            assert_eq!(named("operation").iter().filter(|name| **name == operation.name).count(), 2);
        }
        for model in MODELS {
            assert!(named("complexType").contains(&model.name), "{}", model.name);
        }
        let address = document.descendants().find_map(|node| node.attribute("location"));
        assert_eq!(address, Some("https://choba.example/rccsapi-services/RCCSApiService?a=1&b=2"));
    }
}
