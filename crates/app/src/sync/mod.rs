//! Everything that talks to Procore behind the pages: the worker and the push protocol.
