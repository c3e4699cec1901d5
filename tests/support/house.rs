//! The files of the library, and which of them name which: `use` declarations and paths in the code, each
//! resolved to the file that defines the item.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module's path from the crate's root, which is empty.
type Module = Vec<String>;

/// A Rust file of the library.
pub struct File {
    /// Its path from `harness/`.
    pub name: String,
    pub text: String,
    module: Module,
    uses: Vec<Use>,
    /// Paths in the code, each with the module it stands in.
    paths: Vec<(Module, Vec<String>)>,
    /// Identifiers that stand outside of `use` declarations.
    words: BTreeSet<String>,
}

/// What one name of a `use` declaration stands for.
struct Use {
    /// The module it stands in.
    module: Module,
    path: Vec<String>,
    /// `*` for all that the path holds.
    name: String,
    is_public: bool,
}

/// All files of the library but `main.rs`.
pub struct House {
    pub files: Vec<File>,
    /// Indices into `files`.
    modules: BTreeMap<Module, usize>,
}

/// What a path leads to, and the file that it is in.
enum Target {
    Module(Module),
    Item(usize),
}

impl House {
    /// Reads the library.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness");
        let mut paths = Vec::new();
        walk(&root, &mut paths);
        paths.sort();
        assert!(paths.len() > 20, "harness/ was not found");
        let name = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
        let texts = paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap()));
        House::of(texts.filter(|(name, _)| name != "main.rs").collect())
    }

    /// Files by their names from `harness/`.
    pub fn of(texts: Vec<(String, String)>) -> Self {
        let files: Vec<File> = texts.into_iter().map(|(name, text)| File::new(name, text)).collect();
        let modules = files.iter().enumerate().map(|(index, file)| (file.module.clone(), index)).collect();
        House { files, modules }
    }

    /// The indices of other files that define what this one imports or names. What it merely hands on
    /// with `pub use` is no import.
    pub fn imports(&self, index: usize) -> BTreeSet<usize> {
        let file = &self.files[index];
        let mut found = BTreeSet::new();
        for one in &file.uses {
            if one.is_public && !file.words.contains(&one.name) {
                continue;
            }
            match self.resolve(&one.module, &one.path, 0) {
                Some(Target::Item(target)) => found.insert(target),
                Some(Target::Module(module)) if one.name == "*" => found.insert(self.file_of(&module)),
                _ => false,
            };
        }
        for (module, path) in &file.paths {
            if let Some(Target::Item(target)) = self.resolve(module, path, 0) {
                found.insert(target);
            }
        }
        found.remove(&index);
        found
    }

    /// The names of the files and modules that this file imports, names or hands on, as the first part of
    /// their paths from `harness/`; and the first words of paths that lead out of the library.
    pub fn parts(&self, index: usize) -> BTreeSet<String> {
        let file = &self.files[index];
        let uses = file.uses.iter().map(|one| (&one.module, &one.path));
        let paths = file.paths.iter().map(|(module, path)| (module, path));
        let part = |(module, path): (&Module, &Vec<String>)| match self.resolve(module, path, 0) {
            Some(Target::Item(target)) => self.files[target].part(),
            Some(Target::Module(module)) => module.first().cloned().unwrap_or_default(),
            None => path[0].clone(),
        };
        uses.chain(paths).map(part).collect()
    }

    /// Files that import each other, directly or by way of others, as their names; each ring once.
    pub fn rings(&self) -> Vec<Vec<String>> {
        let count = self.files.len();
        let imports: Vec<BTreeSet<usize>> = (0..count).map(|index| self.imports(index)).collect();
        let reached: Vec<BTreeSet<usize>> = (0..count)
            .map(|start| {
                let mut reached = BTreeSet::new();
                let mut open = vec![start];
                while let Some(at) = open.pop() {
                    open.extend(imports[at].iter().filter(|next| reached.insert(**next)));
                }
                reached
            })
            .collect();
        let ring = |start: usize| -> Vec<String> {
            let back = reached[start].iter().filter(|other| reached[**other].contains(&start));
            back.map(|index| self.files[*index].name.clone()).collect()
        };
        let rings: BTreeSet<Vec<String>> = (0..count).map(ring).filter(|ring| !ring.is_empty()).collect();
        rings.into_iter().collect()
    }

    /// The imports among these files, for people.
    pub fn among(&self, names: &[String]) -> String {
        let mut lines = Vec::new();
        for (index, file) in self.files.iter().enumerate().filter(|(_, file)| names.contains(&file.name)) {
            let targets = self.imports(index).into_iter().map(|target| self.files[target].name.as_str());
            let targets: Vec<&str> = targets.filter(|name| names.iter().any(|one| one == name)).collect();
            lines.push(format!("{} imports {}", file.name, targets.join(", ")));
        }
        lines.join("\n")
    }

    /// What a path that stands in `module` leads to; `None` if it leads out of the library.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<Target> {
        assert!(depth < 20, "{path:?} in {module:?} leads nowhere");
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => Module::new(),
            "self" => module.clone(),
            "super" => module[..module.len() - 1].to_vec(),
            _ => return self.bound(module, first, rest, depth),
        };
        while let Some((next, more)) = rest.split_first() {
            if next == "super" {
                at.pop();
            } else {
                match self.bound(&at, next, more, depth) {
                    None => return Some(Target::Item(self.file_of(&at))),
                    found => return found,
                }
            }
            rest = more;
        }
        Some(Target::Module(at))
    }

    /// What `name` and the `rest` of a path after it stand for in a module, if it is a module there or imported.
    fn bound(&self, module: &Module, name: &str, rest: &[String], depth: usize) -> Option<Target> {
        let child = [module.as_slice(), &[name.to_owned()]].concat();
        if self.modules.contains_key(&child) {
            let path = [&["self".to_owned()], rest].concat();
            return self.resolve(&child, &path, depth + 1);
        }
        let uses = &self.files[self.file_of(module)].uses;
        let import = uses.iter().find(|one| one.module == *module && one.name == name)?;
        if import.path == [name] {
            return None; // A macro of this file.
        }
        self.resolve(module, &[import.path.as_slice(), rest].concat(), depth + 1)
    }

    /// The file that a module is in.
    fn file_of(&self, module: &Module) -> usize {
        let parents = (0..=module.len()).rev().map(|length| &module[..length]);
        parents.filter_map(|parent| self.modules.get(parent)).copied().next().unwrap_or(0)
    }
}

impl File {
    fn new(name: String, text: String) -> Self {
        let path = name.trim_end_matches(".rs").trim_end_matches("/mod");
        let module: Module = match path {
            "lib" => Module::new(),
            path => path.split('/').map(str::to_owned).collect(),
        };
        let tokens: TokenStream = text.parse().map_err(|error| format!("{name}: {error}")).unwrap();
        let (uses, paths, words) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut file = File { name, text, module: module.clone(), uses, paths, words };
        file.scan(tokens, &module);
        file
    }

    /// The part of the house that it belongs to.
    pub fn part(&self) -> String {
        self.name.split(['/', '.']).next().unwrap_or_default().to_owned()
    }

    fn scan(&mut self, tokens: TokenStream, module: &Module) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let is_use = is_word(&tokens[at], "use");
            match &tokens[at] {
                TokenTree::Ident(_)
                    if is_use
                        && !matches!(tokens.get(at + 1), Some(TokenTree::Punct(p)) if p.as_char() == '<') =>
                {
                    let is_public = is_public(&tokens[..at]);
                    let end = at + tokens[at..].iter().position(|token| is_sign(token, ';')).unwrap_or(1);
                    for (path, name) in imported(&tokens[at + 1..end], &[]) {
                        self.uses.push(Use { module: module.clone(), path, name, is_public });
                    }
                    at = end;
                }
                TokenTree::Ident(_) if is_word(&tokens[at], "mod") => {
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                        let inner = [module.as_slice(), &[tokens[at + 1].to_string()]].concat();
                        self.scan(body.stream(), &inner);
                    }
                    at += 3;
                }
                TokenTree::Ident(word) => {
                    self.words.insert(word.to_string());
                    let mut path = vec![word.to_string()];
                    while is_separator(&tokens, at + 1) {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                        path.push(next.to_string());
                        at += 3;
                    }
                    if path.len() > 1 {
                        self.paths.push((module.clone(), path));
                    }
                    at += 1;
                }
                TokenTree::Group(group) => {
                    self.scan(group.stream(), module);
                    at += 1;
                }
                // What follows `::` after a type belongs to that.
                _ if is_separator(&tokens, at) => at += 3,
                _ => at += 1,
            }
        }
    }
}

/// The paths of a `use` declaration, each with the name that it is known under.
fn imported(tokens: &[TokenTree], prefix: &[String]) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for tree in tokens.split(|token| is_sign(token, ',')) {
        let mut path = prefix.to_vec();
        let mut name = None;
        for (index, token) in tree.iter().enumerate() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    found.extend(imported(&inner, &path));
                    name = Some(String::new());
                }
                TokenTree::Ident(word) if word == "as" => {
                    name = tree.get(index + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                token if is_sign(token, '*') => name = Some("*".to_owned()),
                _ => {}
            }
        }
        let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
        if !name.is_empty() {
            found.push((path, name));
        }
    }
    found
}

fn is_public(before: &[TokenTree]) -> bool {
    match before {
        [.., word, TokenTree::Group(_)] => is_word(word, "pub"),
        [.., word] => is_word(word, "pub"),
        [] => false,
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| tokens.get(at).is_some_and(|token| is_sign(token, ':'));
    is_colon(at) && is_colon(at + 1)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
