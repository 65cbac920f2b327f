from workflows.dossier import model as model
