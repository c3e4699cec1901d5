"""Prints what tests/metrics.rs holds the metrics of classes against: scikit-learn's own values.

    pip install scikit-learn && python3 tests/reference/metrics.py
"""

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, f1_score, recall_score, top_k_accuracy_score

# 40 samples of classes 0 to 9, without one of class 7, and nothing taken for class 7 or 8.
truth = [(3 * i * i + i) % 9 for i in range(40)]
truth = [9 if t == 7 else t for t in truth]
scores = np.array([[((7 * i + 5 * c + (i * c) % 11) % 23) / 23 + 0.001 * c for c in range(10)] for i in range(40)])
scores[:, 7] -= 9
scores[:, 8] -= 3
for i in range(0, 40, 2):
    scores[i, truth[i]] += 0.6
predicted = scores.argmax(axis=1)
ranks = [int((scores[i] > scores[i, truth[i]]).sum()) for i in range(40)]

print("scikit-learn", sklearn.__version__)
print("truth", truth)
print("predicted", predicted.tolist())
print("ranks", ranks)
print("accuracy", accuracy_score(truth, predicted))
print("macro F1", repr(float(f1_score(truth, predicted, average="macro"))))
print("recall", recall_score(truth, predicted, average=None, labels=range(10), zero_division=np.nan).tolist())
for k in (1, 2, 3, 5):
    print("top", k, repr(float(top_k_accuracy_score(truth, scores, k=k, labels=range(10)))))
