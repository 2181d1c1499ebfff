use crate::judge::{judge_token, View, MAX_CATEGORY, MAX_SOURCE_ID, MAX_TYPE, TYPE};
use crate::source::Source;
use crate::{Error, Level};

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Everything,
    Category,
    Source,
    Subtree,
    Prefix,
}

/// Which topics. An empty category is any: the broker then sends everything, and the client sorts out.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    kind: Kind,
    category: String,
    source: String,
}

impl Filter {
    fn new(kind: Kind, category: &str, source: &str) -> Self {
        Filter { kind, category: category.to_string(), source: source.to_string() }
    }

    pub fn everything() -> Self {
        Filter::new(Kind::Everything, "", "")
    }

    /// All of a category.
    pub fn category(category: &str) -> Self {
        Filter::new(Kind::Category, category, "")
    }

    /// Exactly one source, and not `cam2` for `cam`.
    pub fn source(category: &str, source_id: &str) -> Self {
        Filter::new(Kind::Source, category, source_id)
    }

    /// A source and all below it: SOURCE/…, and for a virtual host its applications, #SOURCE#….
    pub fn subtree(category: &str, source_id: &str) -> Self {
        Filter::new(Kind::Subtree, category, source_id)
    }

    /// The sources whose id begins so.
    pub fn prefix(category: &str, prefix: &str) -> Self {
        Filter::new(Kind::Prefix, category, prefix)
    }

    fn check(&self) -> Result<(), Error> {
        let needs_source = matches!(self.kind, Kind::Source | Kind::Subtree);
        let is_bad_category = match self.category.is_empty() {
            true => self.kind == Kind::Category,
            false => judge_token(self.category.as_bytes(), MAX_CATEGORY).is_err(),
        };
        if is_bad_category || self.source.len() > MAX_SOURCE_ID || needs_source && self.source.is_empty() {
            return Err(Error::Invalid(format!("the filter {self:?}")));
        }
        Ok(())
    }

    fn takes(&self, category: &str, source: &str) -> bool {
        if !self.category.is_empty() && category != self.category {
            return false;
        }
        match self.kind {
            Kind::Everything | Kind::Category => true,
            Kind::Source => source == self.source,
            Kind::Prefix => source.starts_with(&self.source),
            Kind::Subtree => is_in_subtree(&self.source, source),
        }
    }

    /// What the broker is asked for.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let (category, source) = (&self.category, &self.source);
        let mut out = match self.kind {
            Kind::Everything => vec![String::new()],
            Kind::Source => vec![format!("{category}/{source}\0")],
            Kind::Subtree => vec![format!("{category}/{source}\0"), format!("{category}/{source}/")],
            Kind::Category | Kind::Prefix => vec![format!("{category}/{source}")],
        };
        if self.kind == Kind::Subtree && matches!(Source::parse(source), Source::Name(_)) {
            out.push(format!("{category}/#{source}#"));
        }
        out
    }
}

fn is_in_subtree(root: &str, source: &str) -> bool {
    let below = source.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_name = matches!(Source::parse(root), Source::Name(_));
    let application = source.strip_prefix('#').and_then(|rest| rest.strip_prefix(root));
    below || is_name && application.is_some_and(|rest| rest.starts_with('#'))
}

/// Which events one wants, live or of the log. The default is everything.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// topics, any of them; none: everything
    pub filters: Vec<Filter>,
    /// topics not wanted after all
    pub exclude: Vec<Filter>,
    /// types, any of them; none: all
    pub types: Vec<String>,
    /// events below are passed over
    pub min_level: Option<Level>,
}

impl From<Filter> for Wanted {
    fn from(filter: Filter) -> Self {
        Wanted { filters: vec![filter], ..Wanted::default() }
    }
}

impl Wanted {
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.filters.iter().chain(&self.exclude).try_for_each(Filter::check)?;
        match self.types.iter().find(|name| name.is_empty() || name.len() > MAX_TYPE) {
            Some(name) => Err(Error::Invalid(format!("the type {name:?}"))),
            None => Ok(()),
        }
    }

    /// Every topic is taken, so each seq is seen.
    pub(crate) fn is_everything(&self) -> bool {
        let takes_all = self.filters.is_empty() || self.filters.iter().any(|f| f.kind == Kind::Everything);
        takes_all && self.exclude.is_empty()
    }

    /// What the broker is asked for; none: everything.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let needs_all = self.filters.iter().any(|f| f.category.is_empty());
        match needs_all {
            true => Vec::new(),
            false => self.filters.iter().flat_map(Filter::prefixes).collect(),
        }
    }

    pub(crate) fn takes_topic(&self, topic: &str) -> bool {
        let Some((category, source)) = topic.split_once('/') else {
            return false;
        };
        let is_in = |filters: &[Filter]| filters.iter().any(|filter| filter.takes(category, source));
        (self.filters.is_empty() || is_in(&self.filters)) && !is_in(&self.exclude)
    }

    /// Its level and its type.
    pub(crate) fn takes_rest(&self, view: &View<'_>) -> bool {
        let is_type = self.types.is_empty() || self.types.iter().any(|name| name == view.text(TYPE));
        is_type && self.min_level.is_none_or(|least| view.level >= least)
    }
}
