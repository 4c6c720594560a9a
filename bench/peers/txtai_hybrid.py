"""txtai with our passages, a peer of bench/quality.py: its hybrid index of BM25 and vectors, content stored."""

from protocol import BEST, Indexing, Record, Search, serve, whole


def load(model: str) -> Indexing:
    from txtai import Embeddings

    embeddings = Embeddings(path=model, hybrid=True, content=True)

    def index(documents: list[Record]) -> dict[str, Search]:
        known = {str(one["id"]): one for one in documents}
        embeddings.index((id, whole(one), None) for id, one in known.items())
        return {"txtai, our passages": lambda question: [known[one["id"]] for one in embeddings.search(question, BEST)]}

    return index


if __name__ == "__main__":
    serve(load)
