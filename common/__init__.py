"""What the functions share: models, data access, providers and the business itself."""

import gc

gc.set_threshold(500_000)  # what is imported stays, and to look for garbage among it was a tenth of a start
