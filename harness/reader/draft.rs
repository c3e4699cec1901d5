//! What readers say of the values that they take: the draft of a JSON Schema (draft 4).

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json, json};

/// The schemas that others refer to by `#/definitions/NAME`.
type Definitions = Rc<RefCell<BTreeMap<&'static str, Json>>>;

/// What was said so far of one value.
#[derive(Default)]
pub(super) struct Draft {
    keywords: RefCell<Map<String, Json>>,
    /// Types that it may have besides the one that its reader takes.
    more_types: RefCell<Vec<&'static str>>,
    /// Values that it must not have.
    excluded: RefCell<Vec<Json>>,
    items: OnceCell<Rc<Draft>>,
    properties: RefCell<BTreeMap<&'static str, Rc<Draft>>>,
    required: RefCell<Vec<&'static str>>,
    /// What keys mean, by their names.
    meanings: RefCell<BTreeMap<String, String>>,
    /// The word that its `kind` has, or that it has itself.
    word: Option<String>,
    definitions: Definitions,
}

impl Draft {
    /// Returns an empty draft, of a value that has this word, which refers to the same definitions.
    pub fn beside(&self, word: Option<String>) -> Rc<Self> {
        Rc::new(Draft { word, definitions: Rc::clone(&self.definitions), ..Draft::default() })
    }

    /// Returns the draft of a key of a table.
    pub fn property(&self, key: &'static str) -> Rc<Self> {
        let word = self.word.clone().filter(|_| key == "kind");
        let mut properties = self.properties.borrow_mut();
        Rc::clone(properties.entry(key).or_insert_with(|| self.beside(word)))
    }

    /// Returns the draft of each item of a list.
    pub fn items(&self) -> Rc<Self> {
        Rc::clone(self.items.get_or_init(|| self.beside(None)))
    }

    /// Returns the word that the value has; `None` if it may have any.
    pub fn word(&self) -> Option<&str> {
        self.word.as_deref()
    }

    /// Adds keywords of a schema. What is there already stays.
    pub fn add(&self, keywords: Json) {
        let Json::Object(keywords) = keywords else { return };
        let mut all = self.keywords.borrow_mut();
        for (key, content) in keywords {
            all.entry(key).or_insert(content);
        }
    }

    /// Adds that a key must be there.
    pub fn require(&self, key: &'static str) {
        self.required.borrow_mut().push(key);
    }

    /// Adds a type that it may have besides the one that its reader takes.
    pub fn allow_type(&self, name: &'static str) {
        self.more_types.borrow_mut().push(name);
    }

    /// Adds a value that it must not have.
    pub fn exclude(&self, value: impl Into<Json>) {
        self.excluded.borrow_mut().push(value.into());
    }

    /// Adds what the table and its keys mean, as a schema that was derived from a type tells it.
    pub fn explain(&self, derived: &Json) {
        let text = |schema: &Json| Some(schema.get("description")?.as_str()?.replace('\n', " "));
        if let Some(meaning) = text(derived) {
            self.add(json!({ "description": meaning }));
        }
        let keys = derived.get("properties").and_then(Json::as_object).into_iter().flatten();
        let meanings = keys.filter_map(|(key, schema)| Some((key.clone(), text(schema)?)));
        self.meanings.borrow_mut().extend(meanings);
    }

    /// Adds what a key means.
    pub fn mean(&self, key: &str, meaning: &str) {
        self.meanings.borrow_mut().insert(key.to_owned(), meaning.to_owned());
    }

    /// Refers to a definition. Returns whether it is new, and its content is to be [defined](Self::define).
    pub fn refer(&self, name: &'static str) -> bool {
        self.add(json!({ "allOf": [{ "$ref": format!("#/definitions/{name}") }] }));
        self.definitions.borrow_mut().insert(name, Json::Null).is_none()
    }

    /// Sets the content of a definition.
    pub fn define(&self, name: &'static str, content: Json) {
        self.definitions.borrow_mut().insert(name, content);
    }

    /// Returns the words that a key may have.
    pub fn words_of(&self, key: &'static str) -> Vec<String> {
        let schema = self.property(key).schema();
        let words = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
        words.filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// Returns the schema of what was said, without the definitions that it refers to.
    pub fn schema(&self) -> Json {
        let mut schema = self.keywords.borrow().clone();
        let more_types = self.more_types.borrow();
        if !more_types.is_empty() {
            let own = schema.remove("type");
            let types = own.into_iter().chain(more_types.iter().map(|name| json!(name)));
            schema.insert("type".to_owned(), types.collect());
        }
        let excluded = self.excluded.borrow();
        if !excluded.is_empty() {
            schema.insert("not".to_owned(), json!({ "enum": *excluded }));
        }
        if let Some(items) = self.items.get() {
            schema.insert("items".to_owned(), items.schema());
        }
        let properties = self.properties.borrow();
        if !properties.is_empty() {
            let meanings = self.meanings.borrow();
            let property = |(key, draft): (&&str, &Rc<Draft>)| {
                let meaning = meanings.get(*key).map(|text| json!(text));
                let whole = if *key == "kind" { schema.get("description").cloned() } else { None };
                if let Some(meaning) = meaning.or(whole) {
                    draft.add(json!({ "description": meaning }));
                }
                ((*key).to_owned(), draft.schema())
            };
            let properties: Map<String, Json> = properties.iter().map(property).collect();
            schema.insert("properties".to_owned(), properties.into());
        }
        let required = self.required.borrow();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(*required));
        }
        schema.into()
    }

    /// Returns the definitions by their names.
    pub fn definitions(&self) -> BTreeMap<&'static str, Json> {
        self.definitions.borrow().clone()
    }
}
