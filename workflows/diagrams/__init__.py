from workflows.diagrams import model as model
